"""A recipe's optimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from resviz.training.recipe import TrainConfig

_ADAM_SECOND = 0.999


def make_optimizer(module: nn.Module, config: TrainConfig, *, captured: bool) -> torch.optim.Optimizer:
    """Return the optimizer of a module's parameters. A `captured` update reads its learning rate from their device."""
    parameters = list(module.parameters())
    rate: Any = config.learning_rate
    if captured:
        rate = torch.tensor(rate, device=parameters[0].device)
    if config.optimizer == "adam":
        return torch.optim.Adam(
            parameters, rate, (config.momentum, _ADAM_SECOND), weight_decay=config.weight_decay, capturable=captured
        )
    return torch.optim.SGD(
        parameters,
        rate,
        config.momentum,
        weight_decay=config.weight_decay,
        nesterov=config.optimizer == "nesterov",
        fused=True if captured else None,
    )
