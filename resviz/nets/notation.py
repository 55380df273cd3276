"""The depth table's notation: what stands in its cells, read and written.

    [3x3, 64; 3x3, 64] x3            a stage: the cells of a block, and how often the block stands
    [1x1, 128; 3x3, 128, C=32; 1x1, 256] x3    one with a cell in 32 groups, as ResNeXt's table 1 prints it
    [1x1, 64 | 1x1, 96; 3x3, 128 | 3x3 max pool; 1x1, 32]; aux; 3x3 max pool, /2, ceil
                                     one with a block of branches, an auxiliary classifier, and a pool that rounds up
    7x7, 64, /2; 3x3 max pool, /2    a stem: what comes before the first stage
    11x11, 96, /4, pad 0; LRN; 2x2 average pool, /2    what older nets have in it

as table 1 of "Deep Residual Learning" prints them; "×" and "x", "/2" and "stride 2" mean the same, space means nothing.
What stands behind the last stage is read in `heads.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import _

MAX_KERNEL, MAX_FILTERS, MAX_STRIDE, MAX_REPEATS, MAX_CELLS = 63, 65_536, 8, 2_000, 64
_MAX_TEXT = 4_000
_QUOTE = 60

_CELL = re.compile(r"(\d+)x(\d+),(\d+)(?:,c=(\d+))?(?:,(?:/|stride)(\d+))?(?:,pad(\d+))?", re.ASCII)
_POOL = re.compile(r"(\d+)x(\d+)(max|average)pool(?:,(?:/|stride)(\d+))?(?:,pad(\d+))?(,ceil)?", re.ASCII)
_BLOCK = re.compile(r"(?:\[(?P<block>[^\[\]]*)\]|(?P<bare>[^\[\]]*?))(?:(?<=\])[x*]?(?P<repeats>\d+))?", re.ASCII)
_BETWEEN = re.compile(r";(?![^\[]*\])")
"""A semicolon that stands in no brackets."""


@dataclass(frozen=True)
class Cell:
    """One convolution of a block: kernel × kernel, filters, groups.

    Only a stem gives its convolutions a stride or a padding. Without a padding the map keeps its size.
    """

    kernel: int
    filters: int
    stride: int = 1
    groups: int = 1
    padding: int | None = None

    @override
    def __str__(self) -> str:
        cardinality = f",C={self.groups}" if self.groups > 1 else ""
        stride = f",/{self.stride}" if self.stride > 1 else ""
        return f"{self.kernel}x{self.kernel},{self.filters}{cardinality}{stride}{_pad(self.padding)}"


@dataclass(frozen=True)
class Pool:
    """A pool that takes the largest value or the mean.

    Without a padding in the text, 3×3 pads by 1 and 2×2 by 0. A pool that rounds up ("ceil") pads by 0, and its last
    window may reach beyond the map.
    """

    kernel: int
    stride: int = 1
    padding: int | None = None
    mean: bool = False
    ceil: bool = False

    @override
    def __str__(self) -> str:
        kind, stride = "average" if self.mean else "max", f",/{self.stride}" if self.stride > 1 else ""
        ceil = ",ceil" if self.ceil else ""
        return f"{self.kernel}x{self.kernel} {kind} pool{stride}{_pad(self.padding)}{ceil}"


@dataclass(frozen=True)
class LRN:
    """Local response normalisation (Krizhevsky et al. 2012, section 3.3)."""

    @override
    def __str__(self) -> str:
        return "LRN"


@dataclass(frozen=True)
class Auxiliary:
    """An auxiliary classifier on what comes before it (Szegedy et al. 2015, section 5)."""

    @override
    def __str__(self) -> str:
        return "aux"


@dataclass(frozen=True)
class Block:
    """A block in brackets, and how often it repeats.

    Its branches lie side by side, each with its cells in order. Residual and plain blocks have one branch; an Inception
    module has several.
    """

    branches: tuple[tuple[Cell | Pool, ...], ...]
    repeats: int = 1

    @property
    def is_straight(self) -> bool:
        """Whether it is one branch of convolutions."""
        return len(self.branches) == 1 and all(isinstance(part, Cell) for part in self.branches[0])

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its convolutions, branch by branch."""
        return tuple(part for branch in self.branches for part in branch if isinstance(part, Cell))

    @override
    def __str__(self) -> str:
        return f"[{' | '.join('; '.join(map(str, branch)) for branch in self.branches)}] x{self.repeats}"


@dataclass(frozen=True)
class Stage:
    """A cell of the depth table: one block that repeats, or several parts in order."""

    parts: tuple[Block | Pool | LRN | Auxiliary, ...]

    @classmethod
    def of(cls, cells: tuple[Cell, ...], repeats: int = 1) -> Stage:
        """Return a stage of one straight block."""
        return cls((Block((cells,), repeats),))

    @classmethod
    def parse(cls, text: str) -> Stage:
        """Read `[3x3,64; 3x3,64] x3`, or several such parts with `;` between them.

        A part without repeat may leave out its brackets. Raise NetError if the text is not valid.
        """
        bare = plain(text)
        parts = _BETWEEN.split(bare) if "[" in bare else [bare]
        within(_("the number of parts in a stage"), len(parts), MAX_CELLS, text)
        stage = cls(tuple(_stage_part(part, text) for part in parts))
        if not stage.blocks:
            raise NetError(
                _("{text}: a stage needs a block of convolutions, like [3x3,64; 3x3,64] x3.").format(text=quote(text))
            )
        return stage

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The parts of the stage that are residual or plain blocks."""
        return tuple(part for part in self.parts if isinstance(part, Block))

    @property
    def only(self) -> Block | None:
        """The straight block that is all of it; None of a stage that has more to it."""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, Block) and first.is_straight else None

    @override
    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


@dataclass(frozen=True)
class Stem:
    """The layers before the first stage. A VGG net has none."""

    parts: tuple[Cell | Pool | LRN, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Stem:
        """Read `7x7,64,/2; 3x3 max pool,/2`, or nothing. Raise NetError if that is not possible."""
        bare = plain(text)
        return cls(tuple(_stem_part(part, text) for part in bare.split(";")) if bare else ())

    @override
    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


def parse_shape(text: str) -> tuple[int, int, int]:
    """Read `3x224x224`: channels × height × width. Raise NetError if that is not possible."""
    match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", plain(text), re.ASCII)
    if not match:
        raise NetError(
            _("{text} is not an input shape. Write channels x height x width, like 3x224x224.").format(text=quote(text))
        )
    channels, height, width = map(number, match.groups())
    return channels, height, width


def plain(text: str) -> str:
    """Return a text without spaces, in lower case, with x for ×, as the patterns above read it."""
    if len(text) > _MAX_TEXT:
        raise NetError(
            _("{text} has {count} characters. A cell of the depth table has at most {most}.").format(
                text=quote(text), count=len(text), most=_MAX_TEXT
            )
        )
    if re.search(r"\d\s+\d", text):
        raise NetError(
            _("{text} has two numbers without a sign between them. Write it like [3x3,64; 3x3,64] x3.").format(
                text=quote(text)
            )
        )
    return re.sub(r"\s+", "", text).lower().replace("×", "x")


def quote(text: str) -> str:
    """Return a text in quotes for an error message, on one line and not too long."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= _QUOTE else flat[: _QUOTE - 1] + "…")


def number(digits: str) -> int:
    """Return an int of at most 12 digits. Longer ones are out of every range here, and int() limits their length."""
    return int(digits[:12])


def within(what: str, value: int, most: int, text: str) -> None:
    """Raise NetError unless `value` is between 1 and `most`."""
    if not 1 <= value <= most:
        raise NetError(
            _("{text}: {what} is {value}. Use 1 to {most}.").format(text=quote(text), what=what, value=value, most=most)
        )


def _cell(part: str, text: str) -> Cell:
    match = _CELL.fullmatch(part)
    if not match:
        raise NetError(
            _("{part} in {text} is not a convolution. Write it like 3x3,64.").format(part=quote(part), text=quote(text))
        )
    kernel, width, filters, groups, stride = (number(digits or "1") for digits in match.groups()[:5])
    require_square(kernel, width, text)
    within(_("the kernel size"), kernel, MAX_KERNEL, text)
    if kernel % 2 == 0:
        raise NetError(
            _("{text}: a {kernel}x{kernel} kernel has no centre. Use an odd size, like {odd}.").format(
                text=quote(text), kernel=kernel, odd=kernel + 1
            )
        )
    within(_("the number of filters"), filters, MAX_FILTERS, text)
    within(_("the stride"), stride, MAX_STRIDE, text)
    within(_("the cardinality"), groups, filters, text)
    return Cell(kernel, filters, stride, groups, _padding(match[6], kernel, text))


def _stem_part(part: str, text: str) -> Cell | Pool | LRN:
    if part == "lrn":
        return LRN()
    match = _POOL.fullmatch(part)
    if not match:
        return _cell(part, text)
    kernel, width, stride = (number(digits or "1") for digits in (match[1], match[2], match[4]))
    require_square(kernel, width, text)
    within(_("the window size"), kernel, MAX_KERNEL, text)
    within(_("the stride"), stride, MAX_STRIDE, text)
    return Pool(kernel, stride, _padding(match[5], kernel, text), match[3] == "average", bool(match[6]))


@lru_cache(maxsize=1024)  # the catalogue is read at each start, and most of its stages stand in several nets
def _stage_part(part: str, text: str) -> Block | Pool | LRN | Auxiliary:
    if part == "aux":
        return Auxiliary()
    if part == "lrn" or _POOL.fullmatch(part):
        found = _stem_part(part, text)
        assert not isinstance(found, Cell)
        return found
    match = _BLOCK.fullmatch(part)
    if not match:
        raise NetError(_("{text} is not a stage. Write it like [3x3,64; 3x3,64] x3.").format(text=quote(text)))
    body = match["block"] if match["block"] is not None else match["bare"]
    branches = tuple(tuple(_branch_part(one, text) for one in branch.split(";")) for branch in body.split("|"))
    within(_("the number of cells in a block"), sum(map(len, branches)), MAX_CELLS, text)
    repeats = number(match["repeats"] or "1")
    within("repeats", repeats, MAX_REPEATS, text)
    return Block(branches, repeats)


def _branch_part(part: str, text: str) -> Cell | Pool:
    if _POOL.fullmatch(part):
        found = _stem_part(part, text)
        assert isinstance(found, Pool)
        if found.stride > 1:
            raise NetError(
                _("{text}: a pool with a stride must stand between blocks, not inside a block.").format(
                    text=quote(text)
                )
            )
        return found
    cell = _cell(part, text)
    if cell.stride > 1 or cell.padding is not None:
        raise NetError(
            _(
                "{text}: a stage can't have its own stride or padding. Remove them, and use the net's options "
                "shrink and stride_in."
            ).format(text=quote(text))
        )
    return cell


def _padding(digits: str | None, kernel: int, text: str) -> int | None:
    """Of a stem's part; no more than half its window, which would see nothing but padding."""
    if digits is None:
        return None
    padding = number(digits)
    if padding > kernel // 2:
        raise NetError(
            _("{text}: a padding of {padding} is too large for a {kernel}x{kernel} window. Use 0 to {most}.").format(
                text=quote(text), padding=padding, kernel=kernel, most=kernel // 2
            )
        )
    return padding


def _pad(padding: int | None) -> str:
    return "" if padding is None else f",pad {padding}"


def require_square(height: int, width: int, text: str) -> None:
    """Raise NetError unless height and width are equal."""
    if height != width:
        raise NetError(
            _("{text}: {height}x{width} is not square. Use {height}x{height}.").format(
                text=quote(text), height=height, width=width
            )
        )
