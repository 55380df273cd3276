"""Heads that keep the map: fully convolutional nets, and the detector that shares one.

"Fully Convolutional Networks for Semantic Segmentation" (Long, Shelhamer and Darrell 2015, arXiv 1411.4038), section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.blocks.layers import activation
from resviz.nets.head_notation import Drop, FullyConvolutional, Hidden
from resviz.nets.ops import Conv2d, ConvTranspose2d, Crop, Dropout, Fuse

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.spec import NetSpec

_WINDOW = 7
"""Of the first fully connected layer as a convolution: the map that it reads in a net of 224×224 images."""


def fully_convolutional(builder: GraphBuilder, source: str, spec: NetSpec, head: FullyConvolutional) -> None:
    """Add fully connected layers as convolutions, and learned upsampling to the size of the image (section 4.2).

    The convolutions give scores for each class at each place. On the way up the scores of earlier stages are added,
    down to the head's stride.
    """
    strides = builder.strides()
    skips = _skips(builder, strides, strides[source], head.stride)
    with builder.stage("fc"):
        out = _hidden(builder, source, spec)
        out = _score(builder, out, "score", spec)
        stride = strides[source]
        for number, (stage, end) in enumerate(skips, 1):
            out = _upsampled(builder, out, f"upsample_{stage}", stride // strides[end], spec)
            stride = strides[end]
            with builder.branch(number):
                score = _score(builder, end, f"score_{stage}", spec)
            out = _cropped(builder, out, f"crop_{stage}", builder.shape(score)[1:])
            out = builder.add(f"fuse_{stage}", Fuse(), out, score)
        if stride != head.stride:
            raise NetError(
                _("{head}: the net's maps are {stride} times smaller than its image. Use FCN-{stride}s.").format(
                    head=head, stride=stride
                )
            )
        out = _upsampled(builder, out, "upsample", stride, spec)
        _cropped(builder, out, "crop", builder.shape(builder.input)[1:])


def _hidden(builder: GraphBuilder, source: str, spec: NetSpec) -> str:
    """Return the first reads windows of 7×7, the others single places, padded to keep the map."""
    out, number, window = source, 0, _WINDOW
    for part in spec.head.parts:
        if isinstance(part, Hidden):
            op = Conv2d(builder.shape(out)[0], part.features, window, 1, window // 2, bias=True)
            out = builder.add(f"classifier.{number}", op, out)
            out = activation(builder, out, f"classifier.{number + 1}", spec)
            number, window = number + 2, 1
        elif isinstance(part, Drop):
            out = builder.add(f"classifier.{number}", Dropout(part.p), out)
            number += 1
    return out


def _skips(builder: GraphBuilder, strides: dict[str, int], deepest: int, least: int) -> list[tuple[str, str]]:
    """Return the earlier stages whose scores are added, from the deepest up: (stage, its output)."""
    ends = dict[int, tuple[str, str]]()
    for name, stage in builder.stage_ends().items():
        if least <= strides[name] < deepest:
            ends[strides[name]] = (stage, name)
    return [ends[stride] for stride in sorted(ends, reverse=True)]


def _score(builder: GraphBuilder, source: str, name: str, spec: NetSpec) -> str:
    return builder.add(name, Conv2d(builder.shape(source)[0], spec.classes, 1, bias=True), source)


def _upsampled(builder: GraphBuilder, source: str, name: str, factor: int, spec: NetSpec) -> str:
    if factor == 1:
        return source
    op = ConvTranspose2d(spec.classes, spec.classes, 2 * factor, factor, factor // 2)
    return builder.add(name, op, source)


def _cropped(builder: GraphBuilder, source: str, name: str, size: tuple[int, ...]) -> str:
    if builder.shape(source)[1:] == size:
        return source
    return builder.add(name, Crop((size[0], size[1])), source)
