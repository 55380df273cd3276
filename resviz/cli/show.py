"""`resviz show`: the layers of a net, its totals, and what the paper prints for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resviz.cli.reading import (
    ActivationOption,
    ClassesOption,
    InputOption,
    JsonOption,
    NetArgument,
    NormOption,
    NormPlaceOption,
    ShortcutOption,
    StrideInOption,
    print_json,
    read_net,
)
from resviz.nets.depth_table import build
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.analysis.counts import Counts


def show(
    net: NetArgument,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    norm_place: NormPlaceOption = None,
    activation: ActivationOption = None,
    input: InputOption = None,
    classes: ClassesOption = None,
    as_json: JsonOption = False,
) -> None:
    """The layers of a net, its totals, and what the paper prints for it."""
    from resviz.analysis.counts import count

    spec = read_net(
        net,
        shortcut=shortcut,
        stride_in=stride_in,
        norm=norm,
        norm_place=norm_place,
        activation=activation,
        input=input,
        classes=classes,
    )
    counts = count(build(spec))
    if as_json:
        print_json(_document(spec, counts))
    else:
        _print_table(spec, counts)


def _document(spec: NetSpec, counts: Counts) -> dict[str, Any]:
    return {
        "name": spec.name,
        "input": list(spec.input),
        "classes": spec.classes,
        "weight_layers": counts.weight_layers,
        "params": counts.parameters,
        "flops": counts.flops,
        "layers": [
            {
                "name": row.layer.name,
                "kind": row.layer.op.kind,
                "inputs": list(row.layer.inputs),
                "output": list(row.layer.shape),
                "params": row.parameters,
                "flops": row.flops,
            }
            for row in counts.rows
        ],
    }


def _print_table(spec: NetSpec, counts: Counts) -> None:
    from rich.console import Console
    from rich.table import Table

    from resviz.analysis.claims import flops_claim, parameters_claim
    from resviz.analysis.counts import MULTIPLY_ADDS, exact, short
    from resviz.nets.op import show as show_shape

    table = Table(title=f"{spec.label}, input {show_shape(spec.input)}", title_justify="left")
    longest = max(len(row.layer.name) for row in counts.rows)
    table.add_column("layer", no_wrap=True, min_width=longest)  # what tells rows apart is never cut off
    for heading in ("kind", "output"):
        table.add_column(heading, overflow="fold")
    for heading in ("parameters", "FLOPs"):
        table.add_column(heading, justify="right")
    for row in counts.rows:
        numbers = (exact(number) if number else "" for number in (row.parameters, row.flops))
        table.add_row(row.layer.name, row.layer.op.label(), show_shape(row.layer.shape), *numbers)
    console = Console(markup=False)  # a spec's name is text, whatever is in it
    console.print(table)
    console.print(
        f"{counts.weight_layers} weight layers · {exact(counts.parameters)} parameters · "
        f"{exact(counts.flops)} FLOPs ({short(counts.flops)})"
    )
    for claim in (flops_claim(spec, counts), parameters_claim(spec, counts)):
        if claim:
            reason = f": {claim.why}" if claim.why else ""
            printed = f"{claim.source} prints {claim.printed_number} {claim.what}"
            console.print(f"{printed}: {claim.verdict}{reason}", soft_wrap=True)
    console.print(MULTIPLY_ADDS.text, style="dim", soft_wrap=True)
