"""Graph -> ONNX, by torch's own exporter: the batch's size is free, the weights are torch's first ones."""

from __future__ import annotations

import io
import logging
import re
import warnings
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.training.modules import PyramidPool2d, to_module

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LARGEST = 2**31
"""Bytes that one file of protocol buffers can hold."""


def to_onnx(graph: Graph) -> bytes:
    """Return the net in evaluation mode, as the content of an ONNX file.

    The input is "image" (batch, channels, height, width), and the output "scores" (batch, classes). Further outputs
    have the names of their layers, and initialisers those of the state dict. Raise NetError if the exporter can't
    convert the net.
    """
    if graph.is_detector:
        raise NetError(
            _(
                "{net} is a detector. ONNX is not possible, because the regions that it looks at depend on the image. "
                "Export it as PyTorch."
            ).format(net=graph.name)
        )
    weights = 4 * sum(layer.op.parameters() for layer in graph.layers)
    if weights >= _LARGEST:
        raise NetError(
            _("{net} has {size} bytes of weights. An ONNX file can hold {most}.").format(
                net=graph.name, size=weights, most=_LARGEST
            )
        )
    module = _exportable(to_module(graph).eval())
    image = torch.zeros(2, *graph.input_shape)
    out = io.BytesIO()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # of the exporter's own parts
            program = torch.onnx.export(
                module,
                (image,),
                input_names=["image"],
                output_names=["scores", *(layer.name for layer in graph.outputs[1:])],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                dynamo=True,
                optimize=False,  # its optimizer folds normalisations into convolutions: another net's names
                verbose=False,
            )
    except Exception as error:  # whatever the exporter meets
        raise NetError(
            _("{net}: torch's ONNX exporter can't convert the net: {reason}").format(net=graph.name, reason=_why(error))
        ) from None
    if program is None:
        raise NetError(_("{net}: torch's ONNX exporter returned nothing.").format(net=graph.name))
    out.write(program.model_proto.SerializeToString())
    return out.getvalue()


def _exportable(module: nn.Module) -> nn.Module:
    """Return the net with each pyramid pooling written out, which ONNX has no operator for."""
    for name, inner in list(module.named_modules()):
        if isinstance(inner, PyramidPool2d):
            module.set_submodule(name, _WrittenOutPyramid(inner.levels))
    return module


class _WrittenOutPyramid(nn.Module):
    """The largest value of each part of a map, for maps of the size that it is exported with.

    The parts are those of adaptive pooling: from floor(i · height / side) to ceil((i + 1) · height / side).
    """

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.levels = levels

    @override
    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, channels, height, width) to (batch, channels · places)."""
        height, width = x.shape[2:]
        found = []
        for side in self.levels:
            rows, columns = _parts(height, side), _parts(width, side)
            places = [x[:, :, top:end, left:right].amax((2, 3)) for top, end in rows for left, right in columns]
            found.append(torch.stack(places, 2).flatten(1))
        return torch.cat(found, 1)


def _parts(length: int, count: int) -> list[tuple[int, int]]:
    return [(part * length // count, -(-(part + 1) * length // count)) for part in range(count)]


def _why(error: BaseException) -> str:
    """Return the innermost reason, in a line without the colours of a terminal."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = _COLOURS.sub("", f"{type(error).__name__}: {error}")
    return text.splitlines()[0][:200]
