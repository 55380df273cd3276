"""First weights. Each layer draws from a generator of its own, seeded by the run's seed and the layer's name.

So layers of one name and shape in two nets start equal, whatever else the nets have: what a fair duel needs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

from resviz.training.random_generators import generator

if TYPE_CHECKING:
    from resviz.nets.graph import Graph
    from resviz.training.recipe import TrainConfig


def initialize(module: nn.Module, graph: Graph, config: TrainConfig) -> None:
    """Set the weights of every convolution and fully connected layer; the other layers keep torch's values.

    "torch": uniform, bound 1 / sqrt(fan_in), for weights and biases: what torch.nn.Conv2d and Linear do by themselves.
    "he": normal, variance 2 / fan_in (He et al. 2015, arXiv 1502.01852, eq. 10), biases 0.
    "xavier": normal, variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010), biases 0.
    "normal": normal, standard deviation `init_std`, biases 0.
    Where the net itself says what a bias starts at (a highway's gate), it does. Learned upsampling starts as bilinear
    interpolation (Long et al. 2015, section 4.1).
    """
    for described in graph.layers:
        if not described.op.weighted:
            continue
        layer = module.get_submodule(described.name)
        if isinstance(layer, nn.ConvTranspose2d):
            layer.weight.data.copy_(bilinear(layer.weight))
            continue
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        _initialize_layer(layer, config, generator(config.seed, described.name))
        first_bias = getattr(described.op, "first_bias", None)
        if first_bias is not None and layer.bias is not None:
            nn.init.constant_(layer.bias, first_bias)


def bilinear(weight: torch.Tensor) -> torch.Tensor:
    """Return weights (in, out, kernel, kernel) with which a transposed convolution interpolates each channel."""
    size = weight.shape[-1]
    factor = (size + 1) // 2
    centre = factor - 1 if size % 2 else factor - 0.5
    tent = 1 - (torch.arange(size) - centre).abs() / factor
    filled = torch.zeros(weight.shape)
    diagonal = range(min(weight.shape[:2]))
    filled[diagonal, diagonal] = tent[:, None] * tent[None, :]
    return filled


@torch.no_grad()
def _initialize_layer(layer: nn.Conv2d | nn.Linear, config: TrainConfig, random: torch.Generator) -> None:
    places = layer.weight[0, 0].numel()  # kernel², or 1 in a fully connected layer
    fan_out, fan_in = layer.weight.shape[0] * places, layer.weight.shape[1] * places
    if config.init == "torch":
        bound = 1 / math.sqrt(fan_in)
        layer.weight.uniform_(-bound, bound, generator=random)
        if layer.bias is not None:
            layer.bias.uniform_(-bound, bound, generator=random)
        return
    deviation = {
        "he": math.sqrt(2 / fan_in),
        "xavier": math.sqrt(2 / (fan_in + fan_out)),
        "normal": config.init_std,
    }[config.init]
    layer.weight.normal_(0, deviation, generator=random)
    if layer.bias is not None:
        layer.bias.zero_()
