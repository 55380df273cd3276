"""A call in a model of another program, where no op of ours fits: its kind, its parameters and its costs."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from resviz.nets.op import Op, Shape, Term, Window


@dataclass(frozen=True, kw_only=True)
class Recorded(Op):
    """One call, as it was seen in one run of a model.

    Its costs are those of that call. A parameter that several calls read belongs to the first of them.
    """

    kind: str  # type: ignore[misc]  # of each call its own
    shape: Shape
    text: str = ""
    """What a person reads in the box; the kind if empty."""
    learned: tuple[Term, ...] = ()
    work: tuple[Term, ...] = ()
    source: str = ""
    """File and line of the call."""
    weighted: bool = False  # type: ignore[misc]
    nonlinear: bool = False  # type: ignore[misc]
    view: bool = False
    """Whether its output is its input's memory, looked at in another way."""
    sees: Window | None = None
    """What one place of its output looks at; None where places have no order, or nobody knows."""

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape

    @override
    def parameter_terms(self) -> tuple[Term, ...]:
        return self.learned

    @override
    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        return self.work

    @override
    def is_view(self, training: bool) -> bool:
        return self.view

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return self.sees or Window()

    @override
    def label(self) -> str:
        return self.text or self.kind
