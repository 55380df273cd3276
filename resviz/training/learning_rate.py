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


class LearningRate:
    """The rate of each update. Its state is part of a checkpoint, so that a resumed run continues with it."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config
        self._factor = 1.0
        self._least_error, self._waited = math.inf, 0

    def at(self, step: int) -> float:
        """Return the rate of the update that ends this step."""
        return self._config.learning_rate_at(step) * self._factor

    def change(self, step: int, rate: float) -> None:
        """Use another rate from this step on. The schedule divides it as it would have divided its own."""
        self._factor = rate / self._config.learning_rate_at(step)

    def observe(self, held_out_error: float) -> None:
        """Take a measurement of the held-out error. At a plateau the rate falls."""
        if self._config.schedule != "plateau":
            return
        if held_out_error < self._least_error:
            self._least_error, self._waited = held_out_error, 0
            return
        self._waited += 1
        if self._waited >= self._config.patience:
            self._factor /= DIVISOR
            self._waited = 0

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state, if it is not that of the recipe's schedule alone."""
        if self._factor == 1 and math.isinf(self._least_error):
            return {}
        return {"learning_rate": torch.tensor([self._factor, self._least_error, self._waited], dtype=torch.float64)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue from a state. Raises RuntimeError if it is none."""
        values = state.get("learning_rate", torch.tensor([1.0, math.inf, 0.0], dtype=torch.float64)).tolist()
        if not isinstance(values, list) or len(values) != 3 or not values[0] > 0:
            raise RuntimeError(f"learning_rate: {values}")
        self._factor, self._least_error, self._waited = values[0], values[1], int(values[2])
