"""Which figure was clicked, and the sum behind it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.analysis.counts import Convention, Counts
from resviz.analysis.explanation import Explanation, explain_claim, explain_layer, explain_total
from resviz.gui.builder.table_rows import TotalRow

if TYPE_CHECKING:
    from resviz.gui.builder.open_net import OpenNet


@dataclass(frozen=True)
class ExplanationSubject:
    """What is explained: a quantity of a net, a layer, a group of layers, or a part of a difference."""

    quantity: str
    layer: str = ""
    group: str = ""
    members: tuple[str, ...] = ()
    """The names of a group's layers."""
    part: str = ""


def explain_subject(
    subject: ExplanationSubject | None, column: OpenNet, convention: Convention, difference: Explanation | None = None
) -> Explanation | None:
    """Return the explanation, or None if nothing was clicked or the net no longer has it."""
    if subject is None:
        return None
    if subject.part:
        return difference
    graph, counts, quantity = column.graph, column.counts, subject.quantity
    if subject.layer:
        return explain_layer(graph, graph[subject.layer], quantity, convention) if subject.layer in graph else None
    if subject.group:
        return _of_a_group(subject, column, convention)
    if quantity == TotalRow.PRINTED.quantity:
        return explain_claim(column.claim) if column.claim else None
    if quantity == TotalRow.RECEPTIVE_FIELD.quantity:  # that of its last convolution
        found = column.receptive_field
        return explain_layer(graph, graph[found[0]], quantity, convention) if found else None
    return explain_total(counts, quantity, f"of {column.spec.label}", convention)


def _of_a_group(subject: ExplanationSubject, column: OpenNet, convention: Convention) -> Explanation | None:
    members = set(subject.members)
    rows = tuple(row for row in column.counts.rows if row.layer.name in members)
    if not rows:
        return None
    if subject.quantity in ("output", "field"):  # of its last layer, as the table shows it
        return explain_layer(column.graph, rows[-1].layer, subject.quantity, convention)
    layers = sum(row.layer.counts_as_depth for row in rows)
    counts = Counts(rows, layers, layers)
    return explain_total(counts, subject.quantity, f"of {subject.group}", convention)
