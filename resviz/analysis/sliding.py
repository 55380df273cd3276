"""A window that slides over a map: convolution and pooling of one channel, each output with its sum written out."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import cache
from typing import Literal

from resviz.base import assets

Operation = Literal["convolution", "max pool", "average pool"]
Map = tuple[tuple[float, ...], ...]
"""Rows of a map, from the top."""

KERNELS: dict[str, Map] = {
    "edges, upright": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "edges, level": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "outline": ((0, -1, 0), (-1, 4, -1), (0, -1, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}
"""By what they do: Sobel's two, Laplace's, the mean, and the one that changes nothing."""


@dataclass(frozen=True)
class Sliding:
    """A window over a map. Pools have no kernel: `side` is their window's."""

    image: Map
    operation: Operation = "convolution"
    kernel: Map = KERNELS["edges, upright"]
    side: int = 2
    stride: int = 1
    padding: int = 0

    @property
    def window(self) -> int:
        """Side of the window."""
        return len(self.kernel) if self.operation == "convolution" else self.side

    @property
    def padded(self) -> Map:
        """The map with zeros around it, as a convolution reads it."""
        wide = len(self.image[0]) + 2 * self.padding
        empty, beside = ((0.0,) * wide,) * self.padding, (0.0,) * self.padding
        return (*empty, *((*beside, *row, *beside) for row in self.image), *empty)

    @property
    def size(self) -> int:
        """Side of the output; 0 where the window is larger than the map."""
        return max(0, (len(self.image) + 2 * self.padding - self.window) // self.stride + 1)

    def values(self, row: int, column: int) -> Map:
        """Return what the window of one output covers."""
        top, left, side = row * self.stride, column * self.stride, self.window
        return tuple(line[left : left + side] for line in self.padded[top : top + side])

    def output(self, row: int, column: int) -> float:
        """Return one output: the sum of products, the largest value, or the mean."""
        covered = [value for line in self.values(row, column) for value in line]
        if self.operation == "max pool":
            return max(covered)
        if self.operation == "average pool":
            return sum(covered) / len(covered)
        weights = [weight for line in self.kernel for weight in line]
        return sum(weight * value for weight, value in zip(weights, covered, strict=True))

    @property
    def outputs(self) -> Map:
        """The whole output."""
        places = range(self.size)
        return tuple(tuple(self.output(row, column) for column in places) for row in places)

    def written(self, row: int, column: int) -> str:
        """Return how one output is computed; products with 0 are left out."""
        covered = [value for line in self.values(row, column) for value in line]
        numbers = ", ".join(f"{value:g}" for value in covered)
        if self.operation == "max pool":
            return f"max({numbers})"
        if self.operation == "average pool":
            return f"({' + '.join(f'{value:g}' for value in covered)}) / {len(covered)}"
        weights = [weight for line in self.kernel for weight in line]
        terms = [f"{bracketed(_fraction(w))}·{v:g}" for w, v in zip(weights, covered, strict=True) if w and v]
        return " + ".join(terms) or "0"


def _fraction(weight: float) -> str:
    return "1/9" if abs(weight - 1 / 9) < 1e-12 else f"{weight:g}"


def bracketed(number: str) -> str:
    """Return a number as it stands in a product: a negative one in brackets."""
    return f"({number})" if number.startswith("-") else number


def shifted(image: Map, right: int) -> Map:
    """Return a map moved to the right by some pixels; zeros come in at the other side."""
    wide = len(image[0])
    return tuple(
        tuple(row[column - right] if 0 <= column - right < wide else 0.0 for column in range(wide)) for row in image
    )


def unchanged(before: Sliding, after: Sliding) -> tuple[int, int]:
    """Return how many outputs are the same in two outputs of one size, and how many there are."""
    pairs = [(a, b) for rows in zip(before.outputs, after.outputs, strict=True) for a, b in zip(*rows, strict=True)]
    return sum(a == b for a, b in pairs), len(pairs)


@cache
def digits(count: int = 10) -> tuple[tuple[int, Map], ...]:
    """Return the first digits that come with the program: their class, and 8×8 pixels from 0 to 16."""
    found = []
    with gzip.open(assets.asset_folder("resources") / "digits" / "digits.csv.gz", "rt") as file:
        for line in csv.reader(file):
            *pixels, label = map(float, line)
            found.append((int(label), tuple(tuple(pixels[row * 8 : row * 8 + 8]) for row in range(8))))
            if len(found) == count:
                break
    return tuple(found)
