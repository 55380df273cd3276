"""`resviz compare A B` for two nets: of the catalogue, of a spec file, or of another program."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from resviz.base.clean_text import clean_text
from resviz.base.errors import NetError, UsageError
from resviz.base.translation import _
from resviz.cli.arguments import print_json, print_table, read_net
from resviz.cli.captured import read_captured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.alignment import AlignedLayer
    from resviz.analysis.counts import Counts
    from resviz.nets.graph import Graph


def name_nets(texts: Sequence[str], inputs: Sequence[str], arguments: str) -> list[Graph]:
    """Return the nets that the texts name; nothing if none of them names one.

    Raise UsageError if some name nets and others do not.
    """
    from resviz.capturing.model_source import parse_source

    if not any(parse_source(text) is not None or _is_net(text) for text in texts):
        return []
    if len(texts) != 2:
        raise UsageError(_("Two nets are compared, not {count}.").format(count=len(texts)))
    return [_graph(text, inputs, arguments) for text in texts]


def _is_net(text: str) -> bool:
    from resviz.nets import catalogue

    if text.endswith(".toml"):
        return True
    try:
        catalogue.find(catalogue.canonical_name(text))
    except NetError:
        return False
    return True


def _graph(text: str, inputs: Sequence[str], arguments: str) -> Graph:
    from resviz.nets.build import build

    captured = read_captured(text, inputs, arguments)
    if captured is None:
        return build(read_net(text))
    if captured.problem:
        raise NetError(f"{text}: {captured.problem}")
    return captured.graph


def compare_nets(a: Graph, b: Graph, names: Sequence[str], *, as_json: bool, assert_equal: bool) -> int:
    """Print in which layers two nets differ, and their totals. Return the exit status: 1 if they had to be equal."""
    from resviz.analysis.alignment import align
    from resviz.analysis.counts import count

    rows = align(a, b)
    different = [row for row in rows if row.what]
    totals = count(a), count(b)
    if as_json:
        print_json(_document(rows, totals, names, equal=not different))
    else:
        _print(different, totals, names)
    return 1 if assert_equal and different else 0


def _print(different: Sequence[AlignedLayer], totals: tuple[Counts, Counts], names: Sequence[str]) -> None:
    from resviz.analysis.counts import exact

    if different:
        headings = (_("layer"), _("what differs"), _("parameters"), _("FLOPs"))
        rows = [
            (_name(row), row.what, *(f"{one:+,}".replace(",", " ") if one else "" for one in _more(row)))
            for row in different
        ]
        print_table(headings, rows, (2, 3))
    else:
        sys.stdout.write(_("The nets are equal: the same layers with the same costs, connected alike.") + "\n")
    for name, counts in zip(names, totals, strict=True):
        text = _("{net}: {layers}, {parameters} parameters, {flops} FLOPs").format(
            net=name, layers=counts.layers_text, parameters=exact(counts.parameters), flops=exact(counts.flops)
        )
        sys.stdout.write(clean_text(text) + "\n")


def _name(row: AlignedLayer) -> str:
    if row.a is None or row.b is None or row.a.name == row.b.name:
        return next(layer.name for layer in (row.a, row.b) if layer is not None)
    return f"{row.a.name} / {row.b.name}"


def _more(row: AlignedLayer) -> tuple[int, int]:
    """Return how many parameters and multiply-adds more the second net's layer has."""
    costs = [
        (0, 0) if layer is None else (layer.op.parameters(), layer.op.multiply_adds(layer.shape))
        for layer in (row.a, row.b)
    ]
    return costs[1][0] - costs[0][0], costs[1][1] - costs[0][1]


def _document(
    rows: Sequence[AlignedLayer], totals: tuple[Counts, Counts], names: Sequence[str], *, equal: bool
) -> dict[str, Any]:
    nets = [
        {"name": name, "params": counts.parameters, "flops": counts.flops, "weight_layers": counts.weight_layers}
        for name, counts in zip(names, totals, strict=True)
    ]
    layers = []
    for row in rows:
        parameters, flops = _more(row)
        layers.append(
            {
                "a": row.a.name if row.a else None,
                "b": row.b.name if row.b else None,
                "what": row.what,
                "more_params": parameters,
                "more_flops": flops,
            }
        )
    return {"nets": nets, "equal": equal, "layers": layers}
