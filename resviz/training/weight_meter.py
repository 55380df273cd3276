"""The gradients of all places' weights, and what an update did to them.

On a CPU each weight is read in parts that stay in its cache, so that a difference and its norm cost one pass and not
three. Of weights that are spread over processes (FSDP2) each process sums up its own part, and all sums are added.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from resviz.measurements.quantities import CLIPPED_GRADIENT, UPDATE_RATIO, WEIGHT_GRADIENT
from resviz.training.stable_norms import copied_norm, distance, l2_norm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resviz.training.recorder import Recorder
    from resviz.training.watch_places import Place


class WeightMeter:
    """Writes gradients and update ratios of all places into a recorder's row."""

    def __init__(self, places: Sequence[Place], recorder: Recorder) -> None:
        """Make a meter; nothing is read yet."""
        self._places, self._recorder = places, recorder
        self._weights = [weight for place in places for weight in place.weights]
        self._spread = any(is_spread(weight) for weight in self._weights)
        self._copies: list[Tensor] = []
        self._sizes: list[Any] = []
        """Norm of each place's weights before the update; empty where no update is waited for."""

    def write_gradients(self, scale: Tensor | float = 1.0, *, clipped: bool = False) -> list[bool]:
        """Write the norm of each place's gradient, NaN where there is none. Return for each whether there is one.

        Args:
            scale: What the gradients are multiplied by.
            clipped: Whether they are those that an optimizer is given, after clipping.
        """
        found = [weight.grad is not None for weight in self._weights]
        norms = [0.0 if weight.grad is None else l2_norm(own_part(weight.grad)) for weight in self._weights]
        quantity = CLIPPED_GRADIENT if clipped else WEIGHT_GRADIENT
        return self._write(quantity.name, norms, lambda index, norm: norm / scale, found)

    def before_update(self) -> None:
        """Copy the weights, and take their norms, before an update."""
        weights = [own_part(weight.detach()) for weight in self._weights]
        self._copies = self._copies or [torch.empty_like(weight) for weight in weights]
        if all(weight.device.type == "cpu" for weight in weights):
            norms = [copied_norm(weight, copy) for weight, copy in zip(weights, self._copies, strict=True)]
        else:
            torch._foreach_copy_(self._copies, weights)
            norms = [l2_norm(weight) for weight in weights]
        self._sizes = self._together(norms)

    def after_update(self) -> None:
        """Write how far the update moved the weights of each place, relative to their norm before."""
        if not self._sizes:
            return
        weights = [own_part(weight.detach()) for weight in self._weights]
        if all(weight.device.type == "cpu" for weight in weights):
            moved = [distance(weight, copy) for weight, copy in zip(weights, self._copies, strict=True)]
        else:
            torch._foreach_sub_(self._copies, weights)
            moved = [l2_norm(copy) for copy in self._copies]
        sizes, self._sizes = self._sizes, []
        self._write(UPDATE_RATIO.name, moved, lambda index, norm: _ratio(norm, sizes[index]))

    def _write(
        self, quantity: str, norms: list[Any], value: Callable[[int, Any], Any], found: Sequence[bool] | None = None
    ) -> list[bool]:
        """Write a value of each place's norm, where one of its weights was found. Return where that is."""
        together, start, written = self._together(norms), 0, []
        for index, place in enumerate(self._places):
            end = start + len(place.weights)
            written.append(found is None or any(found[start:end]))
            if written[-1]:
                self._recorder.write(quantity, index, value(index, together[index]))
            start = end
        return written

    def _together(self, norms: list[Any]) -> list[Any]:
        """Return the norm of each place's weights taken as one, from the norm of each weight."""
        squares, start = [], 0
        for place in self._places:
            end = start + len(place.weights)
            own = norms[start:end]
            squares.append(own[0] * own[0] if len(own) == 1 else sum(norm * norm for norm in own))
            start = end
        if self._spread:
            whole = torch.stack([torch.as_tensor(square, dtype=torch.float64) for square in squares])
            torch.distributed.all_reduce(whole)
            squares = list(whole) if whole.device.type != "cpu" else whole.tolist()
        return [square.sqrt() if isinstance(square, Tensor) else math.sqrt(square) for square in squares]


def is_spread(tensor: Tensor) -> bool:
    """Return whether a tensor is spread over several processes, as FSDP2 spreads parameters."""
    return hasattr(tensor, "to_local")


def own_part(tensor: Tensor) -> Tensor:
    """Return what this process has of a tensor: all of it, if it is not spread."""
    part = getattr(tensor, "to_local", None)
    found: Tensor = part() if part is not None else tensor
    return found


def _ratio(moved: Any, size: Any) -> Any:
    return moved / size if isinstance(size, Tensor) or size else math.nan
