"""When the optimizers of a watched model make their steps: hooks on each of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch.optim import Optimizer
    from torch.utils.hooks import RemovableHandle


class Updates:
    """Calls back before the first and behind the last optimizer's step of each row."""

    def __init__(self, before: Callable[[], None], after: Callable[[], None]) -> None:
        """Prepare to follow optimizers.

        Args:
            before: Called before the first step of an optimizer.
            after: Called when all optimizers have made a step since `begin_row`.
        """
        self._before, self._after = before, after
        self._optimizers: list[Optimizer] = []
        self._handles: list[RemovableHandle] = []
        self._count = 0
        self._rate = math.nan
        self._in_row = False
        self.came_early = False
        """Whether there was an update since the last pass, and no row was open."""

    @property
    def first(self) -> Optimizer | None:
        """The optimizer that is followed first, if any is."""
        return self._optimizers[0] if self._optimizers else None

    @property
    def learning_rate(self) -> float:
        """Learning rate of the first optimizer's first group at the row's update, NaN if none is known.

        Schedulers change it behind the update.
        """
        if not math.isnan(self._rate) or not self._optimizers:
            return self._rate
        return float(self._optimizers[0].param_groups[0]["lr"])

    def follow(self, optimizer: Optimizer) -> None:
        """Follow one more optimizer."""
        self._optimizers.append(optimizer)
        self._handles.append(optimizer.register_step_pre_hook(self._before_step))
        self._handles.append(optimizer.register_step_post_hook(self._after_step))

    def begin_pass(self) -> None:
        """Begin a forward pass: an update before it has nothing to do with what follows."""
        self.came_early = False

    def begin_row(self) -> None:
        """Begin to wait for the update of a row."""
        self._count, self._in_row, self._rate = 0, True, math.nan

    def end_row(self) -> None:
        """Wait no more."""
        self._in_row = False

    def remove(self) -> None:
        """Follow none of them any more."""
        for handle in self._handles:
            handle.remove()

    def _before_step(self, optimizer: Optimizer, *_: Any) -> None:
        if not self._in_row or self._count == 0:
            self._before()
        if self._in_row and optimizer is self._optimizers[0]:
            self._rate = float(optimizer.param_groups[0]["lr"])

    def _after_step(self, *_: Any) -> None:
        self._count += 1
        self.came_early = not self._in_row
        if self._in_row and self._count == len(self._optimizers):
            self._after()
