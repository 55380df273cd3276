"""The responses of a model that Resviz did not build, and their gradients: by hooks, with no host sync.

What is measured is defined in `quantities`, and computed by what our own trainer uses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT
from resviz.training.quiet_hooks import QuietHook
from resviz.training.stable_norms import l2_norm, standard_deviation

if TYPE_CHECKING:
    from torch.utils.hooks import RemovableHandle

    from resviz.training.recorder import Recorder
    from resviz.training.watch_places import Place

Guard = Callable[[Callable[[], None]], None]


class ResponseHooks:
    """Hooks on the modules whose outputs are responses. They write into a recorder's row while gradients are kept."""

    def __init__(self, model: nn.Module, places: Sequence[Place], recorder: Recorder, guard: Guard) -> None:
        """Attach the hooks; `guard` calls what they do, and keeps its errors from the training."""
        self._model, self._recorder, self._guard = model, recorder, guard
        self.written: set[int] = set()
        """Places whose response was measured in this row."""
        self.active = True
        """Whether the step that is under way is to be measured."""
        self.fired: set[int] = set()
        """Places whose gradient came in this row."""
        modules = dict(model.named_modules())
        by_module: dict[str, list[int]] = {}
        for index, place in enumerate(places):
            by_module.setdefault(place.response if place.response in modules else place.name, []).append(index)
        self._hooked: list[tuple[RemovableHandle, list[int]]] = [
            (modules[name].register_forward_hook(QuietHook(partial(self._forward, indices))), indices)
            for name, indices in by_module.items()
            if name in modules
        ]

    def begin_pass(self) -> None:
        """Begin a forward pass: of several calls of one module the first is measured."""
        self.written.clear()

    def begin_row(self) -> None:
        """Begin a row."""
        self.written.clear()
        self.fired.clear()

    def remove(self) -> None:
        """Take the hooks away."""
        for handle, _indices in self._hooked:
            handle.remove()

    def taken_away(self) -> list[int]:
        """Return the places whose hooks are gone, as where a program clears all hooks of its modules."""
        gone = (indices for handle, indices in self._hooked if handle.id not in (handle.hooks_dict_ref() or {}))
        return [index for indices in gone for index in indices]

    def _forward(self, indices: list[int], _module: nn.Module, _inputs: Any, output: Any) -> None:
        if torch.compiler.is_compiling() or not (self.active and torch.is_grad_enabled() and self._model.training):
            return
        response = next(tensors_of(output), None)
        if response is None or not response.is_floating_point() or not response.requires_grad or not response.ndim:
            return
        self._guard(lambda: self._measure(indices, response))

    def _measure(self, indices: list[int], response: Tensor) -> None:
        for index in indices:
            if index in self.written:
                continue
            self.written.add(index)
            self._recorder.write(RESPONSE.name, index, standard_deviation(response.detach()))
            response.register_hook(partial(self._backward, index, len(response)))  # type: ignore[no-untyped-call]

    def _backward(self, index: int, samples: int, gradient: Tensor) -> None:
        def write() -> None:
            self.fired.add(index)
            # L is the batch's mean loss, so dl/dy is B dL/dy, and its root mean square over B samples sqrt(B) ‖dL/dy‖.
            self._recorder.write(RESPONSE_GRADIENT.name, index, l2_norm(gradient) * math.sqrt(samples))

        self._guard(write)


def tensors_of(output: Any) -> Iterator[Tensor]:
    """Yield the tensors of what a module gives: alone, or in tuples, dicts and data classes."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, dict):
        for value in output.values():
            yield from tensors_of(value)
    elif isinstance(output, list | tuple):
        for value in output:
            yield from tensors_of(value)
    elif is_dataclass(output):
        for value in vars(output).values():
            yield from tensors_of(value)


def numbers_of(output: Any) -> Iterator[Tensor | float]:
    """Yield the single numbers in what a training step gives, such as its loss."""
    if isinstance(output, Tensor):
        if output.numel() == 1:
            yield output
    elif isinstance(output, int | float) and not isinstance(output, bool):
        yield float(output)
    elif isinstance(output, dict):
        for value in output.values():
            yield from numbers_of(value)
    elif isinstance(output, list | tuple):
        for value in output:
            yield from numbers_of(value)
