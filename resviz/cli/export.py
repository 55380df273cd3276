"""`resviz export`: a net as a file of another program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from resviz.cli.reading import NetArgument, read_net
from resviz.nets.depth_table import build
from resviz.nets.op import show
from resviz.nets.spec import NetSpec
from resviz.writing import write_whole

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

Form = Literal["pytorch", "onnx", "toml"]


def export(
    net: NetArgument,
    to: Annotated[Form, typer.Option(help="A PyTorch file that runs with torch alone, ONNX, or the spec.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Writes a net as a file: readable PyTorch, ONNX with first weights, or its spec."""
    spec = read_net(net)
    graph = build(spec)
    content = spec.to_toml().encode() if to == "toml" else _pytorch(spec, graph) if to == "pytorch" else _onnx(graph)
    write_whole(out, content)


def _pytorch(spec: NetSpec, graph: Graph) -> bytes:
    from resviz.analysis.counts import MULTIPLY_ADDS, count, exact
    from resviz.training.source import source

    counts = count(graph)
    about = (
        f"Input {show(spec.input)} (channels × height × width), {spec.classes} classes.",
        f"{counts.layers_text}, {exact(counts.parameters)} parameters, {exact(counts.flops)} FLOPs.",
        f"{MULTIPLY_ADDS.text}.",
        "",
        "Written by Resviz from this spec; the weights are torch's own first ones:",
        "",
        *(f"    {line}" for line in spec.to_toml().splitlines()),
    )
    return source(graph, spec.label, about).encode()


def _onnx(graph: Graph) -> bytes:
    from resviz.training.onnx import to_onnx

    return to_onnx(graph)
