"""What a kind of layer is: Op, and the sums that its costs are written as.

Shapes have no batch axis: (channels, height, width) for a map, (features,) for a vector.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from resviz.base.errors import NetError
from resviz.base.translation import _

Shape = tuple[int, ...]


class Term(NamedTuple):
    """One product of a sum: what it counts, and its factors as (value, what it is)."""

    what: str
    factors: tuple[tuple[int, str], ...]

    @property
    def value(self) -> int:
        """The product of the factors."""
        return math.prod([factor[0] for factor in self.factors])


class Window(NamedTuple):
    """What one place of an output sees of its input: height, width, and the step to the next place.

    With upsampling, `up` places of the output make one step.
    """

    size: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: int = 0
    up: int = 1


@dataclass(frozen=True)
class Op:
    """One kind of layer with its settings; knows nothing of the net it stands in.

    What it costs is a sum of terms, so that the number and the sum that explains it are one definition.
    """

    kind: ClassVar[str]
    """What a person calls it; the `kind` of the layer table and of `resviz show --json`."""
    weighted: ClassVar[bool] = False
    """True for the layers that the papers count as depth: convolutions and fully connected layers."""
    nonlinear: ClassVar[bool] = False
    in_place: ClassVar[bool] = False
    """True for the layers whose output can take its input's place in memory."""
    saves: ClassVar[frozenset[str]] = frozenset()
    """What `saved_maps` gives, where that depends on nothing."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The output's shape for these input shapes. Raises NetError where there can be none."""
        return single_input(self, inputs)

    def parameter_terms(self) -> tuple[Term, ...]:
        """The sum of the numbers that are learned."""
        return ()

    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        """The sum of the multiply-adds for one image; nothing where the paper's convention counts nothing."""
        return ()

    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum([term.value for term in self.parameter_terms()])

    def multiply_adds(self, output: Shape) -> int:
        """Multiply-adds for one image; 0 for all that the paper's convention leaves out."""
        return sum([term.value for term in self.multiply_add_terms(output)])

    def is_view(self, training: bool) -> bool:
        """Whether its output is its input's memory, looked at in another way."""
        return False

    def saved_maps(self) -> frozenset[str]:
        """Which of its maps backward needs: "input", "output"."""
        return self.saves

    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """Bytes of one image that backward needs beside those maps, at `size` bytes a number: indices, masks ..."""
        return 0

    def saved_fixed_bytes(self) -> int:
        """Bytes that backward needs whatever the batch: statistics of a normalisation."""
        return 0

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """What one place of the output looks at; a single place where the op works place by place."""
        return Window()

    def label(self) -> str:
        """What a lecturer writes into the box."""
        return self.kind


def format_shape(shape: Shape) -> str:
    """(64, 56, 56) as people write it: 64×56×56."""
    return "×".join(map(str, shape))


def listed_shapes(shapes: tuple[Shape, ...]) -> str:
    """Return shapes in a list, as an error names them."""
    return ", ".join(map(format_shape, shapes))


def single_input(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    """The one input's shape. Raises NetError where there are more, or none."""
    if len(inputs) != 1:
        raise NetError(_("{kind} takes one input, not {count}").format(kind=op.kind, count=len(inputs)))
    return inputs[0]
