"""A recipe's optimizer: the update that torch.optim makes, without its classes.

torch.optim.SGD and Adam load torch's compiler when they are made, which takes a second and 170 MB and is not used here.
The functions below them compute the same without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.training.recipe import TrainConfig

_ADAM_SECOND = 0.999
_ADAM_EPSILON = 1e-8
"""Both are Adam's own, and torch's defaults."""


class RecipeOptimizer:
    """Changes parameters by their gradients: SGD with momentum, Nesterov's momentum, or Adam."""

    def __init__(self, parameters: Sequence[nn.Parameter], config: TrainConfig, *, captured: bool) -> None:
        """A `captured` update is replayed by a GPU: it reads its learning rate from the parameters' device."""
        self.parameters = list(parameters)
        self.state: dict[nn.Parameter, dict[str, Tensor]] = {parameter: {} for parameter in self.parameters}
        """What each parameter's update remembers, by torch.optim's names."""
        self._config, self._captured = config, captured
        self._rate: float | Tensor = config.learning_rate
        if captured:
            self._rate = torch.tensor(config.learning_rate, device=self.parameters[0].device)

    def set_learning_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""
        if isinstance(self._rate, Tensor):
            self._rate.fill_(rate)
        else:
            self._rate = rate

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change every parameter that has a gradient."""
        changed = [parameter for parameter in self.parameters if parameter.grad is not None]
        gradients = [parameter.grad for parameter in changed if parameter.grad is not None]
        if self._config.optimizer == "adam":
            self._step_adam(changed, gradients)
        else:
            self._step_sgd(changed, gradients)

    def _step_sgd(self, changed: list[nn.Parameter], gradients: list[Tensor]) -> None:
        config = self._config
        buffers = [self.state[parameter].get("momentum_buffer") for parameter in changed]
        sgd(
            list[Tensor](changed),
            gradients,
            buffers,
            foreach=None if self._captured else True,
            fused=True if self._captured else None,
            weight_decay=config.weight_decay,
            momentum=config.momentum,
            lr=self._rate,
            dampening=0.0,
            nesterov=config.optimizer == "nesterov",
            maximize=False,
        )
        for parameter, buffer in zip(changed, buffers, strict=True):
            if buffer is not None:
                self.state[parameter]["momentum_buffer"] = buffer

    def _step_adam(self, changed: list[nn.Parameter], gradients: list[Tensor]) -> None:
        for parameter in changed:
            state = self.state[parameter]
            if not state:
                # Adam counts its steps on the CPU, and on the device only where its update is captured.
                state["step"] = torch.zeros((), device=parameter.device if self._captured else "cpu")
                state["exp_avg"] = torch.zeros_like(parameter)
                state["exp_avg_sq"] = torch.zeros_like(parameter)
        adam(
            list[Tensor](changed),
            gradients,
            [self.state[one]["exp_avg"] for one in changed],
            [self.state[one]["exp_avg_sq"] for one in changed],
            [],
            [self.state[one]["step"] for one in changed],
            capturable=self._captured,
            amsgrad=False,
            beta1=self._config.momentum,
            beta2=_ADAM_SECOND,
            lr=self._rate,
            weight_decay=self._config.weight_decay,
            eps=_ADAM_EPSILON,
            maximize=False,
        )
