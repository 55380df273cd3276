"""A trained net made deeper by blocks that change nothing: the solution by construction of "Deep Residual Learning".

"There exists a solution by construction to the deeper model: the added layers are identity mapping, and the other
layers are copied from the learned shallower model" (section 1). In evaluation the deeper net computes what the other
does. In training, batch normalization takes the batch's own statistics, so that an added plain block is no identity
there; an added residual block is, whatever the batch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import nn

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.build import build
from resviz.nets.notation import Block, Stage
from resviz.training.modules import to_module

if TYPE_CHECKING:
    from torch import Tensor

    from resviz.nets.graph import Graph, Layer
    from resviz.nets.spec import NetSpec


def deepened(spec: NetSpec, state: dict[str, Tensor], blocks: int = 1) -> tuple[NetSpec, dict[str, Tensor]]:
    """Return the net with more blocks at the end of each stage, and its state dict: copied weights and identities.

    Raise NetError for a net whose blocks can't be identities: its nonlinearities change what passes them, or its stages
    are not of one straight block.
    """
    stages = [block for stage in spec.stages if (block := stage.only) is not None]
    if not stages or len(stages) < len(spec.stages) or spec.unit not in ("plain", "residual", "preactivation"):
        raise NetError(
            _("{net}: only plain and residual nets with stages of one block can be made deeper.").format(net=spec.label)
        )
    passes = spec.unit == "preactivation" or (spec.unit == "residual" and spec.activation_place == "before")
    if spec.activation != "relu" and not passes:
        raise NetError(
            _("{net}: {activation} changes what passes a block, so that no block is an identity. Use ReLU.").format(
                net=spec.label, activation=spec.activation
            )
        )
    if spec.unit == "preactivation" and spec.shortcut == "C":
        raise NetError(
            _("{net}: option C projects what was activated, so that no block is an identity. Use A or B.").format(
                net=spec.label
            )
        )
    longer = [Stage((replace(block, repeats=block.repeats + blocks),)) for block in stages]
    deeper = spec.with_options(name=f"{spec.name}-deeper", title="", stages=[str(stage) for stage in longer])
    graph = build(deeper)
    module = to_module(graph)
    own = module.state_dict()
    added = {f"layer{index + 1}.{number}" for index, number in _added(stages, blocks)}
    if not added <= {layer.block for layer in graph.layers}:
        raise NetError(_("{net}: its layers are not in blocks that can be added.").format(net=spec.label))
    with torch.no_grad():
        for name, value in own.items():
            if name in state:
                value.copy_(state[name])
        for name in sorted(added):
            _make_identity(graph, module, name, residual=spec.unit != "plain")
    return deeper, own


def _added(stages: list[Block], blocks: int) -> list[tuple[int, int]]:
    """Return (stage, number of the block in it) of each added block."""
    return [(index, block.repeats + more) for index, block in enumerate(stages) for more in range(blocks)]


def _make_identity(graph: Graph, module: nn.Module, block: str, *, residual: bool) -> None:
    """Set a block's weights so that x leaves it as it came in: F(x) = 0, or convolutions that copy their input."""
    layers = [layer for layer in graph.layers if layer.block == block and not layer.on_shortcut]
    copied = [layer for layer in layers if not residual or _reads_sum(graph, layer, block)]
    copied += [layer for layer in graph.layers if layer.block == block and layer.on_shortcut]  # option C projects x
    if residual:
        last = [layer for layer in layers if graph.parameters(layer) and layer not in copied][-1]
        for parameter in module.get_submodule(last.name).parameters():
            parameter.zero_()
    for layer in copied:
        part = module.get_submodule(layer.name)
        if isinstance(part, nn.Conv2d):
            if part.in_channels != part.out_channels:
                raise NetError(
                    _("{block}: a block that changes its channels can't be an identity.").format(block=block)
                )
            nn.init.dirac_(part.weight)
            if part.bias is not None:
                part.bias.zero_()
        elif isinstance(part, nn.BatchNorm2d):
            assert part.running_mean is not None
            assert part.running_var is not None
            part.running_mean.zero_()
            part.running_var.fill_(1)
            part.weight.fill_((1 + part.eps) ** 0.5)
            part.bias.zero_()


def _reads_sum(graph: Graph, layer: Layer, block: str) -> bool:
    """Return whether a layer reads its block's sum: a normalization may stand there."""
    return any(one.total in layer.inputs for one in graph.residual_blocks if one.name == block)
