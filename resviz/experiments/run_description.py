"""What a run's folder says of what is trained: the net, the recipe, the machine, and the axes of what is measured."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import torch

import resviz
from resviz.measurements.axes import AXES
from resviz.measurements.run_layers import LayerInfo, RunLayers
from resviz.training.probes import axis_layers, select_quantities

if TYPE_CHECKING:
    from resviz.nets.graph import Graph
    from resviz.nets.spec import NetSpec
    from resviz.training.distributed import ProcessRank
    from resviz.training.recipe import TrainConfig


def describe_run(
    spec: NetSpec, config: TrainConfig, device: torch.device, ranks: ProcessRank, group: str, images: int
) -> dict[str, object]:
    """Return what a new run's RunInfo begins with. `images` is the number of training images."""
    return {
        "spec": spec.model_dump(),
        "recipe": config.model_dump(mode="json"),
        "seed": config.seed,
        "device": str(device),
        "group": group,
        "epoch_steps": images // config.batch,
        "versions": {
            "resviz": resviz.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "threads": str(torch.get_num_threads()),
            **({"processes": str(ranks.world)} if ranks.is_distributed else {}),
        },
    }


def run_layers(graph: Graph, config: TrainConfig) -> RunLayers:
    """Return the axes of a run's quantities, and what is measured along them."""
    places = {
        axis: tuple(
            LayerInfo(name=x.block if axis == "block" else x.name, kind=x.op.kind, stage=x.stage, label=x.op.label())
            for x in layers
        )
        for axis, layers in axis_layers(graph).items()
    }
    return RunLayers(
        **{AXES[axis].field: found for axis, found in places.items()},
        quantities=select_quantities(graph, config),
    )
