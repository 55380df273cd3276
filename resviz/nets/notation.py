"""The depth table's notation: what stands in its cells, read and written.

    [3x3, 64; 3x3, 64] x3            a stage: the cells of a block, and how often the block stands
    [1x1, 128; 3x3, 128, C=32; 1x1, 256] x3    one with a cell in 32 groups, as ResNeXt's table 1 prints it
    7x7, 64, /2; 3x3 max pool, /2    a stem: what comes before the first stage
    11x11, 96, /4, pad 0; LRN; 2x2 average pool, /2    what older nets have in it
    fc 4096; dropout 0.5             a head: what comes before the last fully connected layer

as table 1 of "Deep Residual Learning" prints them; "×" and "x", "/2" and "stride 2" mean the same, space means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from resviz.nets.errors import NetError

MAX_KERNEL, MAX_FILTERS, MAX_STRIDE, MAX_REPEATS, MAX_CELLS = 63, 65_536, 8, 2_000, 64
_MAX_TEXT = 4_000
_QUOTE = 60

_CELL = re.compile(r"(\d+)x(\d+),(\d+)(?:,c=(\d+))?(?:,(?:/|stride)(\d+))?(?:,pad(\d+))?", re.ASCII)
_POOL = re.compile(r"(\d+)x(\d+)(max|average)pool(?:,(?:/|stride)(\d+))?(?:,pad(\d+))?", re.ASCII)
_STAGE = re.compile(r"(?:\[(?P<block>[^\[\]]*)\]|(?P<bare>[^\[\]]*?))(?:(?<=\])[x*]?(?P<repeats>\d+))?", re.ASCII)
_HEAD = re.compile(r"(averagepool)(?:(\d+)x(\d+))?|(fc)(\d+)|(dropout)(0?\.\d+|0)", re.ASCII)


@dataclass(frozen=True)
class Cell:
    """One convolution of a block: kernel × kernel, filters, in how many groups; a stride and a padding of its own only
    in a stem. Without one it is padded to keep the map's size."""

    kernel: int
    filters: int
    stride: int = 1
    groups: int = 1
    padding: int | None = None

    def __str__(self) -> str:
        cardinality = f",C={self.groups}" if self.groups > 1 else ""
        stride = f",/{self.stride}" if self.stride > 1 else ""
        return f"{self.kernel}x{self.kernel},{self.filters}{cardinality}{stride}{_pad(self.padding)}"


@dataclass(frozen=True)
class Pool:
    """Pooling in a stem: of the largest value or of the mean. Without a padding of its own 3x3 pads by 1, 2x2 by 0."""

    kernel: int
    stride: int
    padding: int | None = None
    mean: bool = False

    def __str__(self) -> str:
        kind = "average" if self.mean else "max"
        return f"{self.kernel}x{self.kernel} {kind} pool,/{self.stride}{_pad(self.padding)}"


@dataclass(frozen=True)
class LRN:
    """Local response normalisation in a stem (Krizhevsky et al. 2012, section 3.3)."""

    def __str__(self) -> str:
        return "LRN"


@dataclass(frozen=True)
class Stage:
    """A row of the depth table in one column: a block's cells, and how many such blocks follow each other."""

    cells: tuple[Cell, ...]
    repeats: int = 1

    @classmethod
    def parse(cls, text: str) -> Stage:
        """Reads `[3x3,64; 3x3,64] x3`; brackets may be left out where there is no repeat. Raises NetError."""
        match = _STAGE.fullmatch(_plain(text))
        if not match:
            raise NetError(f"{_quote(text)} is no stage; write it like [3x3,64; 3x3,64] x3")
        body = match["block"] if match["block"] is not None else match["bare"]
        cells = tuple(_cell(part, text) for part in body.split(";"))
        if any(cell.stride > 1 or cell.padding is not None for cell in cells):
            raise NetError(f"{_quote(text)}: stride and padding of a stage are the net's (shrink, stride_in); drop it")
        _within("cells in a block", len(cells), MAX_CELLS, text)
        repeats = _number(match["repeats"] or "1")
        _within("repeats", repeats, MAX_REPEATS, text)
        return cls(cells, repeats)

    def __str__(self) -> str:
        return f"[{'; '.join(map(str, self.cells))}] x{self.repeats}"


@dataclass(frozen=True)
class Stem:
    """What stands before the first stage; nothing in a VGG net."""

    parts: tuple[Cell | Pool | LRN, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Stem:
        """Reads `7x7,64,/2; 3x3 max pool,/2`, or nothing. Raises NetError."""
        plain = _plain(text)
        return cls(tuple(_stem_part(part, text) for part in plain.split(";")) if plain else ())

    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


@dataclass(frozen=True)
class AveragePool:
    size: int = 1

    def __str__(self) -> str:
        return "average pool" + (f" {self.size}x{self.size}" if self.size > 1 else "")


@dataclass(frozen=True)
class Hidden:
    """A fully connected layer before the last one, with its activation."""

    features: int

    def __str__(self) -> str:
        return f"fc {self.features}"


@dataclass(frozen=True)
class Drop:
    p: float

    def __str__(self) -> str:
        return f"dropout {Decimal(repr(self.p)):f}"  # all digits, and never an exponent


@dataclass(frozen=True)
class Head:
    """What stands between the last stage and the last fully connected layer."""

    parts: tuple[AveragePool | Hidden | Drop, ...] = (AveragePool(),)

    @classmethod
    def parse(cls, text: str) -> Head:
        """Reads `average pool`, `fc 4096; dropout 0.5; fc 4096; dropout 0.5`, or nothing. Raises NetError."""
        plain = _plain(text)
        head = cls(tuple(_head_part(part, text) for part in plain.split(";")) if plain else ())
        if any(isinstance(part, AveragePool) for part in head.parts[1:]):
            raise NetError(f"{_quote(text)}: average pool comes first, before any fc")
        return head

    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


def parse_shape(text: str) -> tuple[int, int, int]:
    """Reads `3x224x224`: channels × height × width. Raises NetError."""
    match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", _plain(text), re.ASCII)
    if not match:
        raise NetError(f"{_quote(text)} is no input shape; write channels x height x width, like 3x224x224")
    channels, height, width = map(_number, match.groups())
    return channels, height, width


def _plain(text: str) -> str:
    """Without spaces, in small letters, × as x: what the patterns above read."""
    if len(text) > _MAX_TEXT:
        raise NetError(f"{_quote(text)}: {len(text)} characters; a cell of the depth table has at most {_MAX_TEXT}")
    if re.search(r"\d\s+\d", text):
        raise NetError(f"{_quote(text)}: two numbers without a sign between them; write it like [3x3,64; 3x3,64] x3")
    return re.sub(r"\s+", "", text).lower().replace("×", "x")


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= _QUOTE else flat[: _QUOTE - 1] + "…")


def _number(digits: str) -> int:
    """An int of at most 12 digits: longer ones are out of every range here, and int() limits their length itself."""
    return int(digits[:12])


def _within(what: str, value: int, most: int, text: str) -> None:
    if not 1 <= value <= most:
        raise NetError(f"{_quote(text)}: {value} {what}; 1 to {most} will do")


def _cell(part: str, text: str) -> Cell:
    match = _CELL.fullmatch(part)
    if not match:
        raise NetError(f"{_quote(part)} in {_quote(text)} is no convolution; write it like 3x3,64")
    kernel, width, filters, groups, stride = (_number(digits or "1") for digits in match.groups()[:5])
    _square(kernel, width, text)
    _within("is the kernel", kernel, MAX_KERNEL, text)
    if kernel % 2 == 0:
        raise NetError(
            f"{_quote(text)}: a {kernel}x{kernel} kernel has no centre; an odd one, like {kernel + 1}, will do"
        )
    _within("filters", filters, MAX_FILTERS, text)
    _within("is the stride", stride, MAX_STRIDE, text)
    _within("is the cardinality", groups, filters, text)
    return Cell(kernel, filters, stride, groups, _padding(match[6], kernel, text))


def _stem_part(part: str, text: str) -> Cell | Pool | LRN:
    if part == "lrn":
        return LRN()
    match = _POOL.fullmatch(part)
    if not match:
        return _cell(part, text)
    kernel, width, stride = (_number(digits or "1") for digits in (match[1], match[2], match[4]))
    _square(kernel, width, text)
    _within("is the window", kernel, MAX_KERNEL, text)
    _within("is the stride", stride, MAX_STRIDE, text)
    return Pool(kernel, stride, _padding(match[5], kernel, text), match[3] == "average")


def _padding(digits: str | None, kernel: int, text: str) -> int | None:
    """Of a stem's part; no more than half its window, which would see nothing but padding."""
    if digits is None:
        return None
    padding = _number(digits)
    if padding > kernel // 2:
        raise NetError(
            f"{_quote(text)}: padding of {padding}; 0 to {kernel // 2} will do for a {kernel}x{kernel} window"
        )
    return padding


def _pad(padding: int | None) -> str:
    return "" if padding is None else f",pad {padding}"


def _head_part(part: str, text: str) -> AveragePool | Hidden | Drop:
    match = _HEAD.fullmatch(part)
    if not match:
        raise NetError(f"{_quote(part)} in {_quote(text)} is no head; write average pool, fc 4096 or dropout 0.5")
    if match[1]:
        size, width = _number(match[2] or "1"), _number(match[3] or "1")
        _square(size, width, text)
        _within("is the size", size, MAX_KERNEL, text)
        return AveragePool(size)
    if match[4]:
        features = _number(match[5])
        _within("features", features, MAX_FILTERS, text)
        return Hidden(features)
    return Drop(float(match[7]))


def _square(height: int, width: int, text: str) -> None:
    if height != width:
        raise NetError(f"{_quote(text)}: {height}x{width} is not square; {height}x{height} will do")
