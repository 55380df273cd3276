"""`resviz show`: the layers of a net, its totals, and what the paper prints for it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from resviz.base.clean_text import clean_text
from resviz.base.errors import NetError, UsageError
from resviz.base.translation import _
from resviz.base.vocabulary import MemoryPrecision, Optimizer
from resviz.cli.arguments import (
    ActivationOption,
    ArgumentsOption,
    ClassesOption,
    InputsOption,
    JsonOption,
    NetArgument,
    NormOption,
    NormPlaceOption,
    ShortcutOption,
    StrideInOption,
    print_json,
    print_table,
    read_net,
)
from resviz.cli.captured import document, read_captured
from resviz.nets.build import build
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.counts import Counts
    from resviz.analysis.receptive_field import ReceptiveField
    from resviz.capturing.captured_net import CapturedNet
    from resviz.nets.graph import Graph

By = Literal["layer", "block", "stage"]
Sort = Literal["parameters", "flops", "activations"]


def show(
    net: NetArgument,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    norm_place: NormPlaceOption = None,
    activation: ActivationOption = None,
    inputs: InputsOption = None,
    arguments: ArgumentsOption = "",
    by: Annotated[By, typer.Option(help=_("Show layers, or the sums of blocks or stages."))] = "layer",
    sort: Annotated[Sort | None, typer.Option(help=_("Order by a column, the largest first."))] = None,
    top: Annotated[int | None, typer.Option(min=1, help=_("Show only so many rows."))] = None,
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
    """Show the layers of a net, its totals, and what the paper prints.

    NET may also be a model of another library or program: torchvision:resnet50, timm:convnext_tiny, hf:bert,
    mymodel.py:Net, package.module:Net, model.onnx, or weights.safetensors. It is run once, in a process of its own.
    """
    from resviz.analysis.counts import count

    captured = read_captured(net, inputs or (), arguments)
    if captured is not None:
        checks = _cross_check_captured(net, inputs or (), arguments, captured) if cross_check else []
        _show_captured(captured, batch, by, sort, top, checks, as_json=as_json)
        return
    spec = read_net(
        net,
        shortcut=shortcut,
        stride_in=stride_in,
        norm=norm,
        norm_place=norm_place,
        activation=activation,
        input=inputs[0] if inputs else None,
        classes=classes,
    )
    graph = build(spec)
    counts = count(graph)
    memory = _memory(graph, batch, precision, optimizer, momentum) if batch else {}
    if not as_json:
        _print_table(spec, graph, counts, by, sort, top)
        _print_memory(memory)
    checks = _cross_check(graph, counts) if cross_check else []
    if as_json:
        more = ({"memory": memory} if memory else {}) | ({"cross_check": checks} if cross_check else {})
        print_json(_document(spec.name, graph, counts) | {"classes": spec.classes} | more)
    else:
        for check in checks:
            _print_check(check)


def _show_captured(
    net: CapturedNet,
    batch: int | None,
    by: By,
    sort: Sort | None,
    top: int | None,
    checks: Sequence[dict[str, Any]] = (),
    *,
    as_json: bool,
) -> None:
    """Show a net of another program. Raise UsageError for what only nets of ours have."""
    from resviz.analysis.counts import PRODUCTS_TOO, count, totals_text

    if batch is not None:
        raise UsageError(_("--batch: the memory of a training is known for nets of Resviz only."))
    counts = count(net.graph)
    if as_json:
        more = {"cross_check": list(checks)} if checks else {}
        print_json(_document(net.graph.name, net.graph, counts) | document(net) | more)
        return
    _print_rows(net.origin, net.graph, counts, by, sort, top)
    sys.stdout.write(totals_text(counts) + "\n")
    sys.stdout.write(PRODUCTS_TOO + "\n")
    for note in net.notes:
        sys.stdout.write(clean_text(note) + "\n")
    for check in checks:
        _print_check(check)
    if net.problem:
        raise typer.Exit(1)


def _document(name: str, graph: Graph, counts: Counts) -> dict[str, Any]:
    """Return all that the layer table has, in the form that docs/json.md describes."""
    from resviz.analysis.receptive_field import net_receptive_field, receptive_fields, unknown_fields

    fields = receptive_fields(graph)
    unknown = unknown_fields(graph)
    whole = net_receptive_field(graph, fields)
    if whole is not None and whole[0] in unknown:
        whole = None
    return {
        "name": name,
        "input": list(graph.input_shape),
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
                "receptive_field": None if row.layer.name in unknown else _sides(fields[row.layer.name]),
            }
            for row in counts.rows
        ],
    }


def _sides(field: ReceptiveField) -> dict[str, list[int]]:
    return {"size": list(field.size), "stride": list(field.stride)}


def _print_table(spec: NetSpec, graph: Graph, counts: Counts, by: By, sort: Sort | None, top: int | None) -> None:
    from rich.console import Console

    from resviz.analysis.claims.facts import flops_claim, parameters_claim
    from resviz.analysis.counts import MULTIPLY_ADDS, shares_text, totals_text
    from resviz.nets.op import format_shape as show_shape

    title = _("{net}, input {shape}").format(net=spec.label, shape=show_shape(spec.input))
    _print_rows(title, graph, counts, by, sort, top)
    sys.stdout.write(totals_text(counts) + "\n")
    console = Console(markup=False)  # a spec's name is text, whatever is in it
    if counts.shares:
        console.print(shares_text(counts), soft_wrap=True)
    for claim in (flops_claim(spec, counts), parameters_claim(spec, counts)):
        if claim:
            console.print(claim.sentence, soft_wrap=True)
    console.print(MULTIPLY_ADDS.text, style="dim", soft_wrap=True)


def _print_rows(title: str, graph: Graph, counts: Counts, by: By, sort: Sort | None, top: int | None) -> None:
    """Print the layers, or groups of them, as the layer table of the window has them."""
    from resviz.analysis.counts import MULTIPLY_ADDS
    from resviz.analysis.layer_table import LayerTable, layer_column

    rows = LayerTable(graph, counts).view(by=by, sort=sort or "", descending=sort is not None)[:top]
    keys = ("name", "kind", "output", "parameters", "flops", *(("share",) if sort or by != "layer" else ()))
    columns = [layer_column(key) for key in keys]
    print_table(
        [column.title for column in columns],
        [[column.text(row, MULTIPLY_ADDS) for column in columns] for row in rows],
        [place for place, column in enumerate(columns) if column.numeric],
        title=title,
        less=(keys.index("kind"), keys.index("output")),
    )


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


def _cross_check_captured(text: str, inputs: Sequence[str], args: str, net: CapturedNet) -> list[dict[str, Any]]:
    """Return what other counters find of a model of another program, which is built here once more."""
    from resviz.analysis.counts import count
    from resviz.capturing.building import build_with_values
    from resviz.capturing.model_source import parse_source

    source = parse_source(text, tuple(inputs), args)
    assert source is not None
    model, example = build_with_values(source)
    if example.kwargs:
        raise NetError(_("{model} is called with named inputs, and other counters take none.").format(model=text))
    return _cross_check(net.graph, count(net.graph), model, example.args, net.unused_parameters)


def _cross_check(
    graph: Graph, counts: Counts, module: Any = None, inputs: tuple[Any, ...] | None = None, unused: int = 0
) -> list[dict[str, Any]]:
    """Return what other counters find; each is told of on standard error as it is done."""
    from resviz.analysis.crosscheck import COUNTERS, crosscheck
    from resviz.training.modules import to_module

    found = []
    checks = crosscheck(graph, counts, module if module is not None else to_module(graph).eval(), inputs, unused)
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
