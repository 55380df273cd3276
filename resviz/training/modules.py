"""Graph -> torch.fx.GraphModule: the same layers in the same order, under the same names.

Parameter names are the graph's layer names, which are torchvision's where torchvision has the net.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import getitem
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional
from typing_extensions import override

from resviz.nets import ops

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.nets.graph import Graph, Layer
    from resviz.nets.op import Op


class Add(nn.Module):
    """The sum of several maps."""

    @override
    def forward(self, *maps: Tensor) -> Tensor:
        total = maps[0]
        for one in maps[1:]:
            total = total + one
        return total


class Crop(nn.Module):
    """The middle of a map, so many places high and wide."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width

    @override
    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width)."""
        top, left = (x.shape[2] - self.height) // 2, (x.shape[3] - self.width) // 2
        return x[:, :, top : top + self.height, left : left + self.width]


class Concat(nn.Module):
    """Maps side by side along the channel axis."""

    @override
    def forward(self, *branches: Tensor) -> Tensor:
        return torch.cat(branches, 1)


class PyramidPool2d(nn.Module):
    """Spatial pyramid pooling: the largest values of several grids."""

    def __init__(self, *levels: int) -> None:
        super().__init__()
        self.levels = levels

    @override
    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width)."""
        return torch.cat([functional.adaptive_max_pool2d(x, level).flatten(1) for level in self.levels], 1)


class RegionPool2d(nn.Module):
    """The largest values of a grid over each region.

    `regions` are (region, 5): the number of the image, and the first and last row and column of the map. With None each
    image is a region.
    """

    regions: Tensor | None = None

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    @override
    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width); gives (region, channels, side, side)."""
        if self.regions is None:
            return functional.adaptive_max_pool2d(x, self.side)
        cut = [
            x[n : n + 1, :, top : bottom + 1, left : right + 1] for n, top, left, bottom, right in self.regions.tolist()
        ]
        return torch.cat([functional.adaptive_max_pool2d(region, self.side) for region in cut])


class HighwaySum(nn.Module):
    """H T + x (1 - T) with gate T (Srivastava et al. 2015, eq. 3), computed with one product."""

    @override
    def forward(self, new: Tensor, x: Tensor, gate: Tensor) -> Tensor:
        return x + gate * (new - x)


class Join(nn.Module):
    """The mean of the columns that meet; in training their sum by `shares`, which drop-path sets for each step."""

    shares: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("shares", torch.full((columns,), 1 / columns), persistent=False)

    @override
    def forward(self, *columns: Tensor) -> Tensor:
        if not self.training:
            return torch.stack(columns).mean(0)
        total = self.shares[0] * columns[0]
        for share, x in zip(self.shares[1:], columns[1:], strict=True):
            total = total + share * x
        return total


class PadShortcut(nn.Module):
    """Shortcut option A: every stride-th pixel, zeros for the new channels, some of them before the others."""

    def __init__(self, stride: int, new_channels: int, before: int = 0) -> None:
        super().__init__()
        self.stride, self.new_channels, self.before = stride, new_channels, before

    @override
    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width)."""
        behind = self.new_channels - self.before
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, behind))


def _conv(op: ops.Conv2d) -> nn.Module:
    return nn.Conv2d(op.in_channels, op.out_channels, op.kernel, op.stride, op.padding, groups=op.groups, bias=op.bias)


MODULES: dict[type[Op], Callable[[Any], nn.Module]] = {
    ops.Conv2d: _conv,
    ops.ConvTranspose2d: lambda op: nn.ConvTranspose2d(
        op.in_channels, op.out_channels, op.kernel, op.stride, op.padding, bias=False
    ),
    ops.Fuse: lambda op: Add(),
    ops.Crop: lambda op: Crop(*op.size),
    ops.Linear: lambda op: nn.Linear(op.in_features, op.out_features, op.bias),
    ops.BatchNorm1d: lambda op: nn.BatchNorm1d(op.channels, op.eps),
    ops.BatchNorm2d: lambda op: nn.BatchNorm2d(op.channels, op.eps),
    ops.ReLU: lambda op: nn.ReLU(),
    ops.LeakyReLU: lambda op: nn.LeakyReLU(op.negative_slope),
    ops.PReLU: lambda op: nn.PReLU(op.channels),
    ops.Sigmoid: lambda op: nn.Sigmoid(),
    ops.Tanh: lambda op: nn.Tanh(),
    ops.MaxPool2d: lambda op: nn.MaxPool2d(op.kernel, op.stride, op.padding, ceil_mode=op.ceil),
    ops.AvgPool2d: lambda op: nn.AvgPool2d(op.kernel, op.stride, op.padding, op.ceil),
    # torch takes the mean over the channels where the paper has their sum.
    ops.LocalResponseNorm: lambda op: nn.LocalResponseNorm(op.size, op.alpha * op.size, op.beta, op.k),
    ops.AdaptiveAvgPool2d: lambda op: nn.AdaptiveAvgPool2d(op.size),
    ops.Flatten: lambda op: nn.Flatten(),
    ops.Dropout: lambda op: nn.Dropout(op.p),
    ops.Add: lambda op: Add(),
    ops.Concat: lambda op: Concat(),
    ops.Join: lambda op: Join(len(op.columns)),
    ops.PyramidPool2d: lambda op: PyramidPool2d(*op.levels),
    ops.RegionPool2d: lambda op: RegionPool2d(op.side),
    ops.HighwaySum: lambda op: HighwaySum(),
    ops.PadShortcut: lambda op: PadShortcut(op.stride, op.out_channels - op.in_channels, op.before),
}


@dataclass
class Instruments:
    """Modules that are inserted into a net, by the name of a layer. This is how probes become nodes of the net.

    As long as they have no parameters, the net's state dict does not change.
    """

    replaced: dict[str, nn.Module] = field(default_factory=dict)
    """What stands for a layer: computes the same."""
    outputs: dict[str, nn.Module] = field(default_factory=dict)
    """What a layer's output passes through."""
    splits: dict[str, tuple[nn.Module, str]] = field(default_factory=dict)
    """What makes two of a layer's output, the second for the reader named, the first for all others."""
    sums: dict[str, nn.Module] = field(default_factory=dict)
    """What a sum's first input passes through, with a look at the second."""


def to_module(graph: Graph, instruments: Instruments | None = None) -> fx.GraphModule:
    """Return the graph as a module from (batch, channels, height, width) to (batch, classes).

    A fully convolutional net returns (batch, classes, height, width). A net with auxiliary classifiers returns a tuple,
    its own scores first.
    """
    extra = instruments or Instruments()
    modules: dict[str, nn.Module] = {}
    program = fx.Graph()
    nodes: dict[str, fx.Node] = {}
    branches: dict[tuple[str, str], fx.Node] = {}

    def inserted(kind: str, layer: Layer, module: nn.Module, *args: fx.Node) -> fx.Node:
        target = f"{kind}.{layer.name.replace('.', '_')}"
        modules[target] = module
        return _call(program, target, args)

    for layer in graph.layers:
        if isinstance(layer.op, ops.Input):
            node = program.placeholder("image")
        else:
            modules[layer.name] = extra.replaced.get(layer.name) or MODULES[type(layer.op)](layer.op)
            inputs = [branches.get((source, layer.name), nodes[source]) for source in layer.inputs]
            if layer.name in extra.sums:
                inputs[0] = inserted("sums", layer, extra.sums[layer.name], *inputs)
            node = _call(program, layer.name, tuple(inputs))
        if layer.name in extra.outputs:
            node = inserted("outputs", layer, extra.outputs[layer.name], node)
        if layer.name in extra.splits:
            module, reader = extra.splits[layer.name]
            both = inserted("splits", layer, module, node)
            node, branches[layer.name, reader] = (program.call_function(getitem, (both, index)) for index in (0, 1))
        nodes[layer.name] = node
    results = [nodes[layer.name] for layer in graph.outputs]
    program.output(tuple(results) if len(results) > 1 else results[0])
    # A dict as the root: fx copies each module to the place that its dotted name says.
    return fx.GraphModule(modules, program, class_name="Net")


def _call(program: fx.Graph, target: str, args: tuple[fx.Node, ...]) -> fx.Node:
    return program.create_node("call_module", target, args, name=target.replace(".", "_"))


def meta_module(graph: Graph) -> fx.GraphModule:
    """Return the module on torch's meta device: shapes without numbers, for checks on nets of any size."""
    with torch.device("meta"):
        return to_module(graph)
