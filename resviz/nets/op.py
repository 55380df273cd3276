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
    """One kind of layer with its settings. It knows nothing of the net around it.

    What it costs is a sum of terms, so that a number and its explanation have one definition.
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
        """Return the output's shape for these input shapes. Raise NetError if the inputs don't fit."""
        return single_input(self, inputs)

    def parameter_terms(self) -> tuple[Term, ...]:
        """Return the sum of the numbers that are learned."""
        return ()

    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        """Return the sum of the multiply-adds for one image; nothing where the paper's convention counts nothing."""
        return ()

    def parameters(self) -> int:
        """Return how many numbers are learned."""
        return sum([term.value for term in self.parameter_terms()])

    def multiply_adds(self, output: Shape) -> int:
        """Return the multiply-adds for one image. They are 0 for all that the paper's convention leaves out."""
        return sum([term.value for term in self.multiply_add_terms(output)])

    def is_view(self, training: bool) -> bool:
        """Return whether its output is its input's memory, looked at in another way."""
        return False

    def saved_maps(self) -> frozenset[str]:
        """Return which of its maps backward needs: "input", "output"."""
        return self.saves

    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """Return bytes per image that the backward pass needs besides maps, such as indices and masks.

        `size` is the number of bytes of a value.
        """
        return 0

    def saved_statistics(self) -> int:
        """Return how many numbers the backward pass needs for a batch of any size, such as means of channels."""
        return 0

    def running_statistics(self) -> tuple[int, int]:
        """Return how many numbers, and how many counters, the op keeps that are not learned."""
        return 0, 0

    def parameter_tensors(self) -> int:
        """Return how many tensors the parameters are in."""
        return len(self.parameter_terms())

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """Return what one place of the output looks at; a single place where the op works place by place."""
        return Window()

    def label(self) -> str:
        """Return what a lecturer writes into the box."""
        return self.kind


def format_shape(shape: Shape) -> str:
    """Return a shape as people write it: (64, 56, 56) is 64×56×56."""
    return "×".join(map(str, shape))


def listed_shapes(shapes: tuple[Shape, ...]) -> str:
    """Return shapes in a list, as an error names them."""
    return ", ".join(map(format_shape, shapes))


def single_input(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    """Return the shape of the only input. Raise NetError if there are none or several."""
    if len(inputs) != 1:
        raise NetError(_("{kind} takes one input, not {count}").format(kind=op.kind, count=len(inputs)))
    return inputs[0]
