"""The same beside other people's tools, on the same machine."""

from __future__ import annotations

import importlib.util
import tempfile
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resviz.gui.builder.open_net import resolve
from resviz.gui.graph.graph_file import save_picture
from resviz.gui.graph.graph_view import DrawnNet
from resviz.gui.graph.layout import lay_out
from resviz.gui.graph.legend import Legend
from resviz.nets import catalogue
from resviz.nets.graph import Graph
from resviz.training.modules import meta_module, to_module
from tests.benchmarks.build import DEEPEST
from tests.benchmarks.timing import Row, median, ms


def rows() -> Iterator[Row]:
    """What other tools take for the same net: their totals, or their picture. One that is not installed is left out."""
    torch.set_num_threads(1)
    for name in ("resnet152", DEEPEST):
        spec = catalogue.find(name)
        graph = resolve(spec).graph
        module, image = to_module(graph).eval(), torch.zeros(1, *graph.input_shape)
        ours = median(lambda spec=spec: resolve(spec).layers.rows, runs=3)  # type: ignore[misc]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [f"{peer} {ms(median(partial(work, module, image), runs=2))}" for peer, work in _COUNTERS.items()]
        yield Row(f"layers, totals, fields and memory of {name}", ms(ours), ", ".join(found), "")
    if importlib.util.find_spec("torchview"):
        graph = resolve(catalogue.find("resnet152")).graph
        theirs = median(lambda: _torchview(graph), runs=2)
        yield Row(
            "resnet152 as an SVG file", ms(median(lambda: _svg(graph), runs=3)), f"torchview and dot {ms(theirs)}", ""
        )


def _torchinfo(module: nn.Module, image: torch.Tensor) -> None:
    import torchinfo

    torchinfo.summary(module, input_data=image, verbose=0)


def _fvcore(module: nn.Module, image: torch.Tensor) -> None:
    from fvcore.nn import FlopCountAnalysis

    FlopCountAnalysis(module, image).unsupported_ops_warnings(False).total()


def _torch(module: nn.Module, image: torch.Tensor) -> None:
    with FlopCounterMode(display=False):
        module(image)


_COUNTERS = {"torchinfo": _torchinfo, "fvcore": _fvcore, "torch": _torch}


def _svg(graph: Graph) -> None:
    nets = [DrawnNet(lay_out(graph), graph.name)]
    with tempfile.TemporaryDirectory() as folder:
        save_picture(Path(folder, "net.svg"), nets, [{}], Legend(), graph.name, "")


def _torchview(graph: Graph) -> None:
    from torchview import draw_graph

    draw_graph(meta_module(graph), input_size=(1, *graph.input_shape), device="meta").visual_graph.pipe(format="svg")
