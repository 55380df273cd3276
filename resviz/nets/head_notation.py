"""What stands behind the last stage, in the depth table's notation: read and written.

What it says: the parts of it, in their order.

    average pool                     ResNet's, before its fully connected layer
    fc 4096; dropout 0.5; fc 4096; dropout 0.5    VGG's
    pyramid pool 7, 3, 2, 1; fc 4096; fc 4096     PReLU-net's
    fc 4096; dropout 0.5; fc 4096; FCN-8s         a fully convolutional net's: classes at each place of the image
    Faster R-CNN                     a detector's: proposals on the shared map, the last stage on each region
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.notation import MAX_FILTERS, MAX_KERNEL, number, plain, quote, require_square, within

_HEAD = re.compile(
    r"(averagepool)(?:(\d+)x(\d+))?|(fc)(\d+)|(dropout)(0?\.\d+|0)|pyramidpool(?P<levels>\d+(?:,\d+)*)"
    r"|fcn-(?P<stride>\d+)s|(?P<detector>fasterr-cnn)",
    re.ASCII,
)
_MAX_LEVELS = 8
_STRIDES = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class AveragePool:
    """An average pool before the fully connected layers, to size × size."""

    size: int = 1

    @override
    def __str__(self) -> str:
        return "average pool" + (f" {self.size}x{self.size}" if self.size > 1 else "")


@dataclass(frozen=True)
class PyramidPool:
    """Spatial pyramid pooling: the largest value in each window of grids of so many places a side."""

    levels: tuple[int, ...]

    @override
    def __str__(self) -> str:
        return f"pyramid pool {','.join(map(str, self.levels))}"


@dataclass(frozen=True)
class Hidden:
    """A fully connected layer before the last one, with its activation."""

    features: int

    @override
    def __str__(self) -> str:
        return f"fc {self.features}"


@dataclass(frozen=True)
class Drop:
    """Dropout before a fully connected layer, with probability `p`."""

    p: float

    @override
    def __str__(self) -> str:
        return f"dropout {Decimal(repr(self.p)):f}"  # all digits, and never an exponent


@dataclass(frozen=True)
class FullyConvolutional:
    """Scores at each place, upsampled from a map this many times smaller than the image (Long et al. 2015)."""

    stride: int

    @override
    def __str__(self) -> str:
        return f"FCN-{self.stride}s"


@dataclass(frozen=True)
class Detector:
    """Ren et al. 2015: 9 anchors a place; regions pooled to 14×14, as in "Deep Residual Learning", appendix A."""

    anchors: int = 9
    side: int = 14

    @override
    def __str__(self) -> str:
        return "Faster R-CNN"


HeadPart = AveragePool | PyramidPool | Hidden | Drop | FullyConvolutional | Detector


@dataclass(frozen=True)
class Head:
    """The layers between the last stage and the last fully connected layer."""

    parts: tuple[HeadPart, ...] = (AveragePool(),)

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `average pool`, `fc 4096.

        Dropout 0.5; fc 4096; dropout 0.5`, or nothing. Raise NetError for other text.
        """
        bare = plain(text)
        head = cls(tuple(_head_part(part, text) for part in bare.split(";")) if bare else ())
        if any(isinstance(part, AveragePool | PyramidPool) for part in head.parts[1:]):
            raise NetError(_("{text}: pooling must come first, before fc layers.").format(text=quote(text)))
        if any(isinstance(part, FullyConvolutional) for part in head.parts[:-1]):
            raise NetError(_("{text}: FCN must come last, after fc layers.").format(text=quote(text)))
        if head.dense and any(isinstance(part, AveragePool | PyramidPool) for part in head.parts):
            raise NetError(
                _("{text}: a fully convolutional net keeps its map. Remove the pooling.").format(text=quote(text))
            )
        if len(head.parts) > 1 and any(isinstance(part, Detector) for part in head.parts):
            raise NetError(
                _("{text}: Faster R-CNN can't be combined with other parts. Remove them.").format(text=quote(text))
            )
        return head

    @property
    def detector(self) -> Detector | None:
        """The part that detects objects. None for a classifier."""
        first = self.parts[0] if self.parts else None
        return first if isinstance(first, Detector) else None

    @property
    def dense(self) -> FullyConvolutional | None:
        """The part that makes scores for each place. None for a net that classifies the whole image."""
        last = self.parts[-1] if self.parts else None
        return last if isinstance(last, FullyConvolutional) else None

    @override
    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


def _head_part(part: str, text: str) -> HeadPart:
    match = _HEAD.fullmatch(part)
    if not match:
        raise NetError(
            _("{part} in {text} is not a part of a head. Write average pool, fc 4096 or dropout 0.5.").format(
                part=quote(part), text=quote(text)
            )
        )
    if match[1]:
        size, width = number(match[2] or "1"), number(match[3] or "1")
        require_square(size, width, text)
        within(_("the pool size"), size, MAX_KERNEL, text)
        return AveragePool(size)
    if match[4]:
        features = number(match[5])
        within("features", features, MAX_FILTERS, text)
        return Hidden(features)
    if match["levels"]:
        levels = tuple(number(level) for level in match["levels"].split(","))
        within("levels", len(levels), _MAX_LEVELS, text)
        within(_("the largest level"), max(levels), MAX_KERNEL, text)
        within(_("the smallest level"), min(levels), MAX_KERNEL, text)
        return PyramidPool(levels)
    if match["detector"]:
        return Detector()
    if match["stride"]:
        stride = number(match["stride"])
        if stride not in _STRIDES:
            raise NetError(
                _("{text}: FCN-{stride}s does not exist. Use a stride of {strides}.").format(
                    text=quote(text), stride=stride, strides=", ".join(map(str, _STRIDES))
                )
            )
        return FullyConvolutional(stride)
    return Drop(float(match[7]))
