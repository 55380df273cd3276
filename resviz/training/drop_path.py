"""Drop-path: which columns of a fractal net a step trains ("FractalNet", arXiv 1605.07648, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from resviz.nets.ops import Join
from resviz.training import modules
from resviz.training.random_generators import generator

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

GLOBAL_SHARE = 0.5
"""Of the steps, in which one column alone is trained (section 4: "50% local, 50% global")."""


class DropPath:
    """Draws each step's paths, a function of the seed and the step, into the shares of the net's joins.

    In a "global" step a single column goes through every join that it takes part in; in a "local" one each join leaves
    out each of its columns with its own probability, but never all.
    """

    def __init__(self, graph: Graph, module: nn.Module, seed: int) -> None:
        """Prepare drop-path for a module that is already on its device."""
        self._seed = seed
        self._joins = [layer.op for layer in graph.layers if isinstance(layer.op, Join) and layer.op.drop > 0]
        self._columns = max((max(join.columns) for join in self._joins), default=0)
        ends = [module.get_submodule(layer.name) for layer in graph.layers if layer.op in self._joins]
        joins = [end for end in ends if isinstance(end, modules.Join)]
        self._shares = torch.cat([join.shares for join in joins]) if joins else torch.empty(0)
        start = 0
        for join in joins:  # one tensor on the device, filled with one copy a step
            join.shares = self._shares[start : start + len(join.shares)]
            start += len(join.shares)

    def draw(self, step: int) -> None:
        """Choose the columns that each join keeps in a step."""
        if self._joins:
            self._shares.copy_(self.at(step))

    def at(self, step: int) -> Tensor:
        """Return the shares of the columns of every join in a step."""
        random = generator(self._seed, f"paths {step}")
        if float(torch.rand((), generator=random)) < GLOBAL_SHARE:
            column = 1 + int(torch.randint(self._columns, (), generator=random))
            return torch.cat([_only(column, join) for join in self._joins])
        return torch.cat([_some(join, random) for join in self._joins])


def _only(column: int, join: Join) -> Tensor:
    """Return all of the column; where it doesn't take part the mean, which that column's path never reads."""
    if column not in join.columns:
        return torch.full((len(join.columns),), 1 / len(join.columns))
    return torch.tensor([float(one == column) for one in join.columns])


def _some(join: Join, random: torch.Generator) -> Tensor:
    left = torch.rand(len(join.columns), generator=random) >= join.drop
    if not left.any():
        left[int(torch.randint(len(join.columns), (), generator=random))] = True
    return left / left.sum()
