"""How much of the image one place of a layer's output looks at.

Along the net, size = size + (window - 1) · stride and stride = stride · step; where paths meet, the largest
(Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", Distill, eq. 2 and 1).
It is the window's size, not clipped at the image's border: ResNet-34 looks 899 pixels far in a 224 × 224 image.
"""

from __future__ import annotations

from typing import NamedTuple

from resviz.nets.graph import Graph, Layer

Pixels = tuple[int, int]


class ReceptiveField(NamedTuple):
    """`size` is the height and width of the window in the image, `stride` the pixels between neighbouring places."""

    size: Pixels = (1, 1)
    stride: Pixels = (1, 1)


def receptive_fields(graph: Graph) -> dict[str, ReceptiveField]:
    """For each layer's name, the receptive field of one place of its output, in pixels of the input."""
    fields: dict[str, ReceptiveField] = {}
    for layer in graph.layers:
        fields[layer.name] = behind(graph, layer, seen_by_input(layer, fields))
    return fields


def seen_by_input(layer: Layer, fields: dict[str, ReceptiveField]) -> ReceptiveField:
    """The largest field of the layers that it reads; one pixel for the image itself."""
    inputs = [fields[name] for name in layer.inputs]
    if len(inputs) == 1:
        return inputs[0]
    sizes, strides = [field.size for field in inputs], [field.stride for field in inputs]
    return ReceptiveField(*(_largest(both) for both in (sizes, strides))) if inputs else ReceptiveField()


def behind(graph: Graph, layer: Layer, seen: ReceptiveField) -> ReceptiveField:
    """The field of a layer whose input's places see so much."""
    size, step, _ = layer.op.window(graph.input_shapes(layer))
    if size == step == (1, 1):
        return seen
    (height, width), (down, right) = seen
    return ReceptiveField(
        (height + (size[0] - 1) * down, width + (size[1] - 1) * right), (down * step[0], right * step[1])
    )


def _largest(pairs: list[Pixels]) -> Pixels:
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
