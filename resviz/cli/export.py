"""`resviz export`: a net, or what was measured in a run, as a file of another program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from resviz.analysis.paths import to_graphml, to_node_link
from resviz.analysis.svg_picture import svg_picture
from resviz.base.atomic_files import write_whole
from resviz.base.clean_text import clean_text
from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.capturing.captured_net import CapturedNet, write_document
from resviz.capturing.model_source import GRAPH_ENDING
from resviz.cli.arguments import (
    ArgumentsOption,
    InputsOption,
    JsonOption,
    nets_beginning,
    print_json,
    read_net,
    runs_beginning,
)
from resviz.cli.captured import read_captured
from resviz.nets.build import build
from resviz.nets.op import format_shape
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

Form = Literal["pytorch", "onnx", "toml", "graphml", "node-link", "graph", "svg", "csv", "parquet", "tensorboard"]


_OF_TABLES = ("toml", "pytorch", "onnx")
"""What is written of a depth table, and not of any graph."""


def _either(typed: str) -> list[str]:
    return nets_beginning(typed) + runs_beginning(typed)


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="NET|RUN", help=_("A net's name or spec file, or a run's id or folder."), autocompletion=_either
        ),
    ],
    to: Annotated[Form, typer.Option(help=_("Format: csv, parquet or tensorboard for a run, the others for a net."))],
    out: Annotated[Path, typer.Option(help=_("File to write. For tensorboard a folder."))],
    as_json: JsonOption = False,
    inputs: InputsOption = None,
    arguments: ArgumentsOption = "",
    level: Annotated[
        int | None, typer.Option(min=0, help=_("Levels of modules that are open in the picture of --to svg."))
    ] = None,
) -> None:
    """Write a net as readable PyTorch, ONNX with first weights, its spec or its picture; a run's numbers as a table.

    Of a model of another program, toml, pytorch and onnx write the net of its depth table, if it has one.
    """
    if to in ("csv", "parquet", "tensorboard"):
        written = _run(what, to, out)
    else:
        captured = read_captured(what, inputs or (), arguments)
        if captured is None:
            written = _net(what, to, out, level)
        elif to in _OF_TABLES:
            written = _table(captured, to, out)
        else:
            written = _write_graph(captured, to, out, level)
    if as_json:
        print_json({"written": str(written)})


def _net(name: str, to: str, out: Path, level: int | None) -> Path:
    from resviz.runs.library import default_folder, is_run

    if is_run(Path(name)) or is_run(default_folder() / Path(name).name):
        raise UsageError(_("{name} is a run. Use --to csv, parquet or tensorboard.").format(name=name))
    spec = read_net(name)
    if to in _OF_TABLES:
        return _write_table(spec, to, out)
    return _write_graph(CapturedNet(build(spec), spec.label, "file"), to, out, level)


def _write_table(spec: NetSpec, to: str, out: Path) -> Path:
    graph = build(spec)
    write = {
        "toml": lambda: spec.to_toml().encode(),
        "pytorch": lambda: _pytorch(spec, graph),
        "onnx": lambda: _onnx(graph),
    }
    write_whole(out, write[to]())
    return out


def _write_graph(net: CapturedNet, to: str, out: Path, level: int | None) -> Path:
    if to == "graph" and not out.name.lower().endswith(GRAPH_ENDING):
        raise UsageError(
            _("{file}: such a file is opened by its ending, so call it {name}.").format(
                file=out.name, name=f"{out.stem}{GRAPH_ENDING}"
            )
        )
    write = {
        "graphml": lambda: to_graphml(net.graph),
        "node-link": lambda: to_node_link(net.graph),
        "graph": lambda: write_document(net),
        "svg": lambda: svg_picture(net.graph, level).encode(),
    }
    write_whole(out, write[to]())
    return out


def _table(net: CapturedNet, to: str, out: Path) -> Path:
    """Write the net of a model's depth table."""
    from resviz.analysis.recognition import recognise

    found = recognise(net.graph)
    if found.spec is None:
        raise UsageError(
            _("{model} is not written as {form}: {reason} Use --to svg, graph, graphml or node-link.").format(
                model=net.origin, form=to, reason=f"{found.reason.rstrip('.')}."
            )
        )
    return _write_table(found.spec, to, out)


def _run(name: str, to: str, out: Path) -> Path:
    from resviz.runs.folder import RunFolder
    from resviz.runs.library import named
    from resviz.runs.run_export import lost_in_export, to_csv, to_parquet, to_tensorboard

    run = RunFolder(named(name))
    lost = lost_in_export(run)
    if lost:
        sys.stderr.write(f"resviz: {clean_text(lost)}\n")
    if to == "tensorboard":
        to_tensorboard(run, out)
        return out / run.info.id
    write_whole(out, to_csv(run) if to == "csv" else to_parquet(run))
    return out


def _pytorch(spec: NetSpec, graph: Graph) -> bytes:
    from resviz.analysis.counts import MULTIPLY_ADDS, count, exact
    from resviz.training.export.pytorch_source import source

    counts = count(graph)
    about = (
        f"Input {format_shape(spec.input)} (channels × height × width), {spec.classes} classes.",
        f"{counts.layers_text}, {exact(counts.parameters)} parameters, {exact(counts.flops)} FLOPs.",
        f"{MULTIPLY_ADDS.text}.",
        "",
        "Written by Resviz from this spec. The initial weights are PyTorch's defaults:",
        "",
        *(f"    {line}" for line in spec.to_toml().splitlines()),
    )
    return source(graph, spec.label, about).encode()


def _onnx(graph: Graph) -> bytes:
    from resviz.training.export.onnx import to_onnx

    return to_onnx(graph)
