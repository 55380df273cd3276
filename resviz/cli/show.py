"""`resviz show`: the layers of a net, its totals, and what the paper prints for it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resviz.base.translation import _
from resviz.base.vocabulary import MemoryPrecision, Optimizer
from resviz.cli.arguments import (
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
from resviz.nets.build import build
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.analysis.counts import Counts
    from resviz.analysis.receptive_field import ReceptiveField
    from resviz.nets.graph import Graph


def show(
    net: NetArgument,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    norm_place: NormPlaceOption = None,
    activation: ActivationOption = None,
    input: InputOption = None,
    classes: ClassesOption = None,
    batch: Annotated[int | None, typer.Option(min=1, help=_("Also show the memory for this many images."))] = None,
    precision: Annotated[
        MemoryPrecision,
        typer.Option(
            help=_("Precision of the memory count, as in `resviz train`. pure-bfloat16 also halves the weights.")
        ),
    ] = "float32",
    optimizer: Annotated[Optimizer, typer.Option(help=_("Optimizer whose state is counted in training."))] = "sgd",
    momentum: Annotated[
        float, typer.Option(min=0, max=1, help=_("Momentum of SGD. With 0 there is no velocity to store."))
    ] = 0.9,
    cross_check: Annotated[bool, typer.Option(help=_("Count again with torch, torchinfo and fvcore."))] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the layers of a net, its totals, and what the paper prints."""
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
    graph = build(spec)
    counts = count(graph)
    memory = _memory(graph, batch, precision, optimizer, momentum) if batch else {}
    if not as_json:
        _print_table(spec, counts)
        _print_memory(memory)
    checks = _cross_check(graph, counts) if cross_check else []
    if as_json:
        more = ({"memory": memory} if memory else {}) | ({"cross_check": checks} if cross_check else {})
        print_json(_document(spec, graph, counts) | more)
    else:
        for check in checks:
            _print_check(check)


def _document(spec: NetSpec, graph: Graph, counts: Counts) -> dict[str, Any]:
    """Return all that the layer table has, in the form that docs/json.md describes."""
    from resviz.analysis.receptive_field import net_receptive_field, receptive_fields

    fields = receptive_fields(graph)
    whole = net_receptive_field(graph, fields)
    return {
        "name": spec.name,
        "input": list(spec.input),
        "classes": spec.classes,
        "weight_layers": counts.weight_layers,
        "params": counts.parameters,
        "flops": counts.flops,
        "activations": counts.activations,
        "activation_bytes": counts.bytes,
        "receptive_field": {"layer": whole[0], **_sides(whole[1])} if whole else None,
        "layers": [
            {
                "name": row.layer.name,
                "kind": row.layer.op.kind,
                "inputs": list(row.layer.inputs),
                "output": list(row.layer.shape),
                "params": row.parameters,
                "flops": row.flops,
                "stage": row.layer.stage,
                "block": row.layer.block,
                "activations": row.activations,
                "activation_bytes": row.bytes,
                "receptive_field": _sides(fields[row.layer.name]),
            }
            for row in counts.rows
        ],
    }


def _sides(field: ReceptiveField) -> dict[str, list[int]]:
    return {"size": list(field.size), "stride": list(field.stride)}


def _print_table(spec: NetSpec, counts: Counts) -> None:
    from rich.console import Console
    from rich.table import Table

    from resviz.analysis.claims.facts import flops_claim, parameters_claim
    from resviz.analysis.counts import MULTIPLY_ADDS, exact, shares_text, short, short_bytes
    from resviz.nets.op import format_shape as show_shape

    table = Table(
        title=_("{net}, input {shape}").format(net=spec.label, shape=show_shape(spec.input)), title_justify="left"
    )
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
        _("{layers} · {parameters} parameters · {flops} FLOPs ({short_flops}) · {memory} of activations").format(
            layers=counts.layers_text,
            parameters=exact(counts.parameters),
            flops=exact(counts.flops),
            short_flops=short(counts.flops),
            memory=short_bytes(counts.bytes),
        )
    )
    if counts.shares:
        console.print(shares_text(counts), soft_wrap=True)
    for claim in (flops_claim(spec, counts), parameters_claim(spec, counts)):
        if claim:
            console.print(claim.sentence, soft_wrap=True)
    console.print(MULTIPLY_ADDS.text, style="dim", soft_wrap=True)


def _memory(
    graph: Graph, batch: int, precision: MemoryPrecision, optimizer: Optimizer, momentum: float
) -> dict[str, Any]:
    """Bytes in training and in inference, each part by itself."""
    from resviz.analysis.memory import inference, training

    both = {
        "training": training(graph, batch, precision, optimizer, momentum),
        "inference": inference(graph, batch, precision),
    }
    settings = {"batch": batch, "precision": precision, "optimizer": optimizer, "momentum": momentum}
    return settings | {work: asdict(memory) | {"total": memory.total} for work, memory in both.items()}


def _print_memory(memory: dict[str, Any]) -> None:
    from resviz.analysis.counts import short_bytes

    for work in ("training", "inference"):
        if work in memory:
            parts = {part: amount for part, amount in memory[work].items() if amount and part != "total"}
            parts_text = ", ".join(f"{part} {short_bytes(amount)}" for part, amount in parts.items())
            total = short_bytes(memory[work]["total"])
            sys.stdout.write(f"{work}, {memory['batch']} images, {memory['precision']}: {total} ({parts_text})\n")


def _print_check(check: dict[str, Any]) -> None:
    from resviz.analysis.counts import exact

    if check["problem"]:
        sys.stdout.write(
            _("{counter} {version} failed: {reason}").format(
                counter=check["counter"], version=check["version"], reason=check["problem"]
            )
            + "\n"
        )
        return
    verdict = "agrees" if check["agrees"] else _("differs by {amount}, unexplained").format(amount=check["unexplained"])
    figures = _("{parameters} parameters, {flops} FLOPs").format(
        parameters=exact(check["params"]), flops=exact(check["flops"])
    )
    sys.stdout.write(f"{check['counter']} {check['version']}: {figures} ({check['convention']}): {verdict}\n")
    for reason in check["reasons"]:
        sys.stdout.write(f"  {reason['what']}: {exact(reason['amount'])}\n")


def _cross_check(graph: Graph, counts: Counts) -> list[dict[str, Any]]:
    """Return what other counters find; each is told of on standard error as it is done."""
    from resviz.analysis.crosscheck import COUNTERS, crosscheck
    from resviz.training.modules import to_module

    found = []
    checks = crosscheck(graph, counts, to_module(graph).eval())
    for number, check in enumerate(checks, 1):
        sys.stderr.write(
            _("counted with {counter}, {number} of {count}").format(
                counter=check.counter, number=number, count=len(COUNTERS)
            )
            + "\n"
        )
        sys.stderr.flush()
        found.append(
            {
                "counter": check.counter,
                "version": check.version,
                "convention": check.convention,
                "params": check.parameters,
                "flops": check.flops,
                "per_multiply_add": check.factor,
                "reasons": [{"what": reason.what, "amount": reason.amount} for reason in check.reasons],
                "unexplained": check.unexplained,
                "agrees": check.agrees,
                "problem": check.problem,
            }
        )
    return found
