"""Where a model that Resviz did not build is measured: at its modules with weights, in the order of their calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from resviz.base.errors import ResvizError
from resviz.base.translation import _

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

_LAZY = nn.parameter.UninitializedParameter


@dataclass(frozen=True)
class Place:
    """A module with weights. `response` is the path of the module whose output is its response."""

    name: str
    kind: str
    label: str
    stage: str
    weights: tuple[nn.Parameter, ...]
    response: str


def refuse_flat_weights(model: nn.Module) -> None:
    """Raise ResvizError for FSDP1, which keeps the weights of several layers as pieces of one flat parameter."""
    if any(type(module).__name__ == "FullyShardedDataParallel" for module in model.modules()):
        raise ResvizError(
            _(
                "FullyShardedDataParallel (FSDP1) keeps the weights of all layers as flat pieces, so no layer has a "
                "gradient of its own. Shard the model with fully_shard (FSDP2) to watch it."
            )
        )


def find_places(model: nn.Module, graph: Graph | None, called: str = "") -> list[Place]:
    """Return the places of a model in the order in which they are called, as far as a captured graph knows it.

    The graph is of the module at the path `called`, "" for the model itself. With a graph the layers on shortcuts are
    left out, as the paper leaves them out, and the response of a layer is what its normalization gives. A weight that
    several modules share belongs to the first.
    """
    seen: set[int] = set()
    owners: dict[str, tuple[nn.Parameter, ...]] = {}
    for name, module in model.named_modules():
        initialized = [one for one in module.parameters(recurse=False) if not isinstance(one, _LAZY)]
        own = [weight for weight in initialized if weight.ndim > 1 and id(weight) not in seen]
        if own:
            seen |= {id(weight) for weight in own}
            owners[name] = tuple(own)
    order: dict[str, int] = {}
    left_out: set[str] = set()
    responses: dict[str, str] = {}
    labels: dict[str, tuple[str, str, str]] = {}
    modules = dict(model.named_modules())
    prefix = f"{called}." if called else ""
    for number, layer in enumerate(graph.layers if graph is not None else ()):
        path = prefix + layer.name.partition(":")[0]
        for name in (path, path.rpartition(".")[0]):  # a call within a module has the module's path before its own
            if name in owners:
                order.setdefault(name, number)
        if path in owners and graph is not None:
            labels.setdefault(path, (layer.op.kind, layer.op.label(), layer.stage))
            if layer.on_shortcut:
                left_out.add(path)
            after = prefix + graph.response_layer(layer).name
            if after in modules:
                responses.setdefault(path, after)
    calls = {prefix + layer.name.partition(":")[0] for layer in graph.layers} if graph is not None else set(owners)
    for name in [name for name in owners if name not in calls]:
        around = name.rpartition(".")[0]
        if around in owners:  # as in attention, which multiplies by its output's weights itself
            owners[around] += owners.pop(name)
    places = []
    for name in sorted((name for name in owners if name not in left_out), key=lambda name: order.get(name, 10**9)):
        module = modules[name]
        kind, label, stage = labels.get(name, (type(module).__name__, type(module).__name__, name.partition(".")[0]))
        places.append(Place(name or "model", kind, label, stage, owners[name], responses.get(name, name)))
    return places
