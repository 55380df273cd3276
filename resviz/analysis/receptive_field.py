"""How much of the image one place of a layer's output looks at.

Along the net, size = size + (window - 1) · stride and stride = stride · step; where paths meet, the largest
(Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill, eq. 2 and 1).
It is the window's size, not clipped at the image's border: ResNet-34 looks 899 pixels far in a 224 × 224 image. Where
a map has been upsampled its places differ in what they see: there it is the largest, over all places (`upsampled.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from resviz.analysis.upsampling import upsampled
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.op import Window
from resviz.nets.ops import AdaptiveAvgPool2d
from resviz.nets.ops.recorded import Recorded

if TYPE_CHECKING:
    from resviz.nets.graph import Graph, Layer

Pixels = tuple[int, int]


class ReceptiveField(NamedTuple):
    """`size` is the height and width of the window in the image, `stride` the pixels between neighbouring places."""

    size: Pixels = (1, 1)
    stride: Pixels = (1, 1)


UNKNOWN = ReceptiveField((0, 0), (0, 0))
"""Where no place looks at a window of the image."""


def receptive_fields(graph: Graph) -> dict[str, ReceptiveField]:
    """Return the receptive field of one place of each layer's output, in pixels of the input."""
    fields: dict[str, ReceptiveField] = {}
    for layer in graph.layers:
        fields[layer.name] = composed(*parts(graph, layer, fields))
    for name, (height, width) in upsampled(graph).items():
        fields[name] = ReceptiveField((height.size, width.size), (height.stride, width.stride))
    return fields


def unknown_fields(graph: Graph) -> dict[str, str]:
    """Return the layers whose receptive field nobody can say, each with the layer where that begins.

    A recorded call may mix all places, as attention does, or none that have an order.
    """
    found: dict[str, str] = {}
    for layer in graph.layers:
        if isinstance(layer.op, Recorded) and layer.op.sees is None and layer.inputs:
            found[layer.name] = layer.name
        else:
            begins = next((found[name] for name in layer.inputs if name in found), None)
            if begins is not None:
                found[layer.name] = begins
    return found


def net_receptive_field(graph: Graph, fields: dict[str, ReceptiveField]) -> tuple[str, ReceptiveField] | None:
    """Return the last convolution's name and its receptive field, which is the net's; None without convolutions.

    What pools over the whole map, and what follows, sees the whole image. `fields` are those of the graph's layers.
    """
    last = next((layer for layer in reversed(graph.weight_layers) if layer.op.kind == "conv"), None)
    return (last.name, fields[last.name]) if last else None


def parts(graph: Graph, layer: Layer, fields: dict[str, ReceptiveField]) -> tuple[ReceptiveField, Window]:
    """Return what a layer's field is composed of: what the places that it reads see, and its window over them."""
    source = graph[layer.inputs[0]] if layer.inputs else None
    if source is not None and layer.op.kind == "flatten" and isinstance(source.op, AdaptiveAvgPool2d):
        # Its windows may overlap, or be uneven: what reads all of them reads the whole map before them.
        return parts(graph, source, fields)[0], Window(graph[source.inputs[0]].shape[1:])  # type: ignore[arg-type]
    return _seen(layer, fields), layer.op.window(graph.input_shapes(layer))


def composed(seen: ReceptiveField, window: Window) -> ReceptiveField:
    """Return the field of a window over places that see so much."""
    size, step, _, up = window
    if size == step == (1, 1):
        return seen
    (height, width), (down, right) = seen
    reach = (height + (size[0] - 1) * down, width + (size[1] - 1) * right)
    return ReceptiveField(reach, (down * step[0] // up, right * step[1] // up))


def _seen(layer: Layer, fields: dict[str, ReceptiveField]) -> ReceptiveField:
    """Return the largest field of the layers that it reads; one pixel for the image itself."""
    inputs = [fields[name] for name in layer.inputs]
    if len(inputs) == 1:
        return inputs[0]
    sizes, strides = [field.size for field in inputs], [field.stride for field in inputs]
    return ReceptiveField(*(_largest(both) for both in (sizes, strides))) if inputs else ReceptiveField()


def _largest(pairs: list[Pixels]) -> Pixels:
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)


class Region(NamedTuple):
    """Rows and columns of the image, both ends included. It may reach beyond the border, into what is padded."""

    top: int
    left: int
    bottom: int
    right: int

    def joined(self, other: Region) -> Region:
        """Return the smallest region that has both."""
        least = (min(pair) for pair in zip(self[:2], other[:2], strict=True))
        return Region(*least, *(max(pair) for pair in zip(self[2:], other[2:], strict=True)))

    def within(self, height: int, width: int) -> Region:
        """Return the part of the region that lies in an image."""
        return Region(max(self.top, 0), max(self.left, 0), min(self.bottom, height - 1), min(self.right, width - 1))


def seen_region(graph: Graph, name: str, row: int, column: int) -> Region:
    """Return which pixels one place of a layer's output depends on: where they are, not only how many.

    Raise NetError for a layer after an upsampling, whose places differ in what they see.
    """
    regions = {name: Region(row, column, row, column)}
    for layer in reversed(graph.layers):
        region = regions.get(layer.name)
        if region is None:
            continue
        if not layer.inputs:
            return region
        (height, width), (down, right), padding, up = layer.op.window(graph.input_shapes(layer))
        if up != 1:
            raise NetError(_("{layer} reads upsampled maps, whose places differ in what they see.").format(layer=name))
        below = Region(
            region.top * down - padding,
            region.left * right - padding,
            region.bottom * down - padding + height - 1,
            region.right * right - padding + width - 1,
        )
        for source in layer.inputs:
            regions[source] = below.joined(regions[source]) if source in regions else below
    raise NetError(_("{layer} reads no image.").format(layer=name))
