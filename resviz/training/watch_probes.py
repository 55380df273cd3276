"""Measuring a model that Resviz did not build, in a training loop that it does not run: by hooks, with no host sync.

A place is a module with weights of its own: matrices or kernels, not biases or the scales of a normalization. What is
measured there is defined in `quantities`, and computed by what our own trainer uses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT, UPDATE_RATIO, WEIGHT_GRADIENT
from resviz.training.stable_norms import l2_norm, standard_deviation

if TYPE_CHECKING:
    from torch.utils.hooks import RemovableHandle

    from resviz.nets.graph import Graph
    from resviz.training.recorder import Recorder

PARAMETER_QUANTITIES = (WEIGHT_GRADIENT, UPDATE_RATIO)
"""Measured of every model."""
RESPONSE_QUANTITIES = (RESPONSE, RESPONSE_GRADIENT)
"""Measured where modules run as they were written, and not compiled."""
_LAZY = nn.parameter.UninitializedParameter
Guard = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class Place:
    """A module with weights. `response` is the path of the module whose output is its response."""

    name: str
    kind: str
    label: str
    stage: str
    weights: tuple[nn.Parameter, ...]
    response: str


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


class ResponseHooks:
    """Hooks on the modules whose outputs are responses. They write into a recorder's row while gradients are kept."""

    def __init__(self, model: nn.Module, places: list[Place], recorder: Recorder, guard: Guard) -> None:
        """Attach the hooks; `guard` calls what they do, and keeps its errors from the training."""
        self._model, self._recorder, self._guard = model, recorder, guard
        self._written: set[int] = set()
        self.active = True
        """Whether the step that is under way is to be measured."""
        self.fired: set[int] = set()
        """Places whose gradient came in this row."""
        modules = dict(model.named_modules())
        by_module: dict[str, list[int]] = {}
        for index, place in enumerate(places):
            by_module.setdefault(place.response if place.response in modules else place.name, []).append(index)
        self._handles: list[RemovableHandle] = [
            modules[name].register_forward_hook(partial(self._forward, indices))
            for name, indices in by_module.items()
            if name in modules
        ]

    def begin_pass(self) -> None:
        """Begin a forward pass: of several calls of one module the first is measured."""
        self._written.clear()

    def begin_row(self) -> None:
        """Begin a row."""
        self._written.clear()
        self.fired.clear()

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()

    def _forward(self, indices: list[int], _module: nn.Module, _inputs: Any, output: Any) -> None:
        if torch.compiler.is_compiling() or not (self.active and torch.is_grad_enabled() and self._model.training):
            return
        response = next(_tensors(output), None)
        if response is None or not response.is_floating_point() or not response.requires_grad or not response.ndim:
            return
        self._guard(lambda: self._measure(indices, response))

    def _measure(self, indices: list[int], response: Tensor) -> None:
        for index in indices:
            if index in self._written:
                continue
            self._written.add(index)
            self._recorder.write(RESPONSE.name, index, standard_deviation(response.detach()))
            response.register_hook(partial(self._backward, index, len(response)))  # type: ignore[no-untyped-call]

    def _backward(self, index: int, samples: int, gradient: Tensor) -> None:
        def write() -> None:
            self.fired.add(index)
            # L is the batch's mean loss, so dl/dy is B dL/dy, and its root mean square over B samples sqrt(B) ‖dL/dy‖.
            self._recorder.write(RESPONSE_GRADIENT.name, index, l2_norm(gradient) * math.sqrt(samples))

        self._guard(write)


class WeightMeter:
    """The gradients of all places' weights, and what an update did to them."""

    def __init__(self, places: list[Place], recorder: Recorder) -> None:
        self._places, self._recorder = places, recorder
        self._weights = [weight for place in places for weight in place.weights]
        self._copies: list[Tensor] = []
        self._norms: list[Any] = []

    def write_gradients(self, scale: float = 1.0) -> int:
        """Write the norm of each place's gradient, NaN where there is none. Return how many there are."""
        found = 0
        for index, place in enumerate(self._places):
            gradients = [local(weight.grad) for weight in place.weights if weight.grad is not None]
            if gradients:
                found += 1
                self._recorder.write(WEIGHT_GRADIENT.name, index, _together(map(l2_norm, gradients)) / scale)
        return found

    def before_update(self) -> None:
        """Copy the weights, and take their norms, before an update."""
        weights = [local(weight.detach()) for weight in self._weights]
        self._copies = self._copies or [torch.empty_like(weight) for weight in weights]
        torch._foreach_copy_(self._copies, weights)
        self._norms = [l2_norm(weight) for weight in weights]

    def after_update(self) -> None:
        """Write how far the update moved the weights of each place, relative to their norm before."""
        if not self._norms:
            return
        torch._foreach_sub_(self._copies, [local(weight.detach()) for weight in self._weights])
        start = 0
        for index, place in enumerate(self._places):
            end = start + len(place.weights)
            moved, size = _together(map(l2_norm, self._copies[start:end])), _together(self._norms[start:end])
            value = moved / size if isinstance(size, Tensor) or size else math.nan
            self._recorder.write(UPDATE_RATIO.name, index, value)
            start = end
        self._norms = []


def local(tensor: Tensor) -> Tensor:
    """Return a tensor as a whole: one that is spread over several processes is gathered."""
    whole = getattr(tensor, "full_tensor", None)
    found: Tensor = whole() if whole is not None else tensor
    return found


def _together(norms: Iterable[Any]) -> Any:
    """Return the norm of several tensors taken as one, from the norm of each."""
    known = list(norms)
    if len(known) == 1:
        return known[0]
    squares = sum(norm * norm for norm in known)
    return squares.sqrt() if isinstance(squares, Tensor) else math.sqrt(squares)


def _tensors(output: Any) -> Iterator[Tensor]:
    """Yield the tensors of what a module gives: alone, or in tuples, dicts and data classes."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, dict):
        for value in output.values():
            yield from _tensors(value)
    elif isinstance(output, list | tuple):
        for value in output:
            yield from _tensors(value)
    elif is_dataclass(output):
        for value in vars(output).values():
            yield from _tensors(value)
