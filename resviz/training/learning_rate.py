"""The learning rate during a training: the recipe's schedule, what a plateau has divided it by, and changes by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from resviz.training.recipe import TrainConfig

DIVISOR = 10.0
"""By which a plateau divides the learning rate: "Deep Residual Learning", section 3.4."""
MIN_FACTOR = 1e-8
"""A plateau divides no further: an update this small changes no weight."""
_FIRST = (1.0, math.inf, 0.0, 0.0)


class LearningRate:
    """The rate of each update. Its state is part of a checkpoint, so that a resumed run continues with it."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._factor, self._least_error, self._waited, self._by_hand = _FIRST

    def at(self, step: int) -> float:
        """Return the rate of the update that ends this step."""
        if step < self._config.warm_up_steps and not self._by_hand:
            return self._config.warm_up_rate
        return self._config.scheduled_rate(step) * self._factor

    def change(self, step: int, rate: float) -> None:
        """Use another rate from this step on. A warm-up is over then, and the schedule divides the rate as its own.

        Where the schedule's own rate is 0, at the end of a cosine, nothing changes.
        """
        scheduled = self._config.scheduled_rate(step)
        if scheduled > 0:
            self._factor, self._by_hand = rate / scheduled, 1.0

    def observe(self, held_out_error: float) -> None:
        """Take a measurement of the held-out error. At a plateau the rate falls."""
        if self._config.schedule != "plateau":
            return
        if held_out_error < self._least_error:
            self._least_error, self._waited = held_out_error, 0.0
            return
        self._waited += 1
        if self._waited >= self._config.patience and self._factor > MIN_FACTOR:
            self._factor /= DIVISOR
            self._waited = 0.0

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state, if it is not that of the recipe's schedule alone."""
        state = (self._factor, self._least_error, self._waited, self._by_hand)
        return {} if state == _FIRST else {"learning_rate": torch.tensor(state, dtype=torch.float64)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue from a state. Raises RuntimeError if it is none."""
        values = state.get("learning_rate", torch.tensor(_FIRST, dtype=torch.float64)).tolist()
        if not isinstance(values, list) or len(values) != len(_FIRST) or not values[0] > 0:
            raise RuntimeError(f"learning_rate: {values}")
        self._factor, self._least_error, self._waited, self._by_hand = values
