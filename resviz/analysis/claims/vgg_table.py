"""VGG-16 layer by layer, in the form of a lecture: memory and parameters, as printed and as computed."""

from __future__ import annotations

from resviz.analysis.claims.facts import facts
from resviz.analysis.claims.verdicts import counts
from resviz.analysis.counts import BYTES, exact, short_bytes
from resviz.analysis.text_tables import Table
from resviz.base.translation import _
from resviz.nets.op import format_shape

_KINDS = ("input", "conv", "max pool", "fc")
"""The rows that the lecture has. Activations work in place and need no memory."""


def vgg_table(*, biases: bool) -> Table:
    """Return the table, its last row the totals. The lecture leaves biases out."""
    printed = facts("vgg")["memory_and_params"][0]["rows"]
    layers = [row for row in counts("vgg16").rows if row.layer.op.kind in _KINDS]
    rows, memory, total = [], 0, 0
    for (label, _size, elements, weights), row in zip(printed, layers, strict=True):
        terms = row.layer.op.parameter_terms()
        own = sum(term.value for term in terms if biases or term.what == "weights")
        memory, total = memory + row.activations, total + own
        cells = (str(elements), exact(row.activations), exact(weights), exact(own))
        rows.append((label, format_shape(row.layer.shape), *cells))
    rows.append((_("total"), "", "", exact(memory), "", exact(total)))
    note = _("{memory} for one image forward, in float32. {source}").format(
        memory=short_bytes(BYTES * memory), source=_("Printed: CS231n 2017, lecture 9, not counting biases.")
    )
    headings = (
        _("layer"),
        _("output"),
        _("memory, printed"),
        _("memory, numbers"),
        _("parameters, printed"),
        _("parameters"),
    )
    return Table(headings, tuple(rows), (False, False, True, True, True, True), "VGG-16", note)
