"""How saturated the nonlinearities of a model are that Resviz did not build: by hooks on those that are modules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from resviz.measurements.quantities import ACTIVATION_MEAN, SATURATION
from resviz.training.activation_probes import mean_output, saturated_share, some_outputs
from resviz.training.quiet_hooks import QuietHook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.utils.hooks import RemovableHandle

    from resviz.nets.graph import Graph
    from resviz.training.recorder import Recorder
    from resviz.training.watch_probes import Guard


@dataclass(frozen=True)
class Nonlinearity:
    """One call of a module in a pass: many blocks call one ReLU twice. `call` counts from 1."""

    name: str
    module: str
    call: int
    kind: str
    label: str
    stage: str


def find_nonlinearities(model: nn.Module, graph: Graph | None, called: str = "") -> list[Nonlinearity]:
    """Return the calls of nonlinearities in the order of a captured graph, none without one.

    The graph is of the module at the path `called`. A nonlinearity that is called as a function has no module, and
    nothing can be hooked to it.
    """
    modules = dict(model.named_modules())
    prefix = f"{called}." if called else ""
    found = []
    for layer in graph.nonlinearities if graph is not None else ():
        path, _colon, number = layer.name.partition(":")
        module = modules.get(prefix + path)
        if module is None or any(True for _child in module.children()):
            continue
        call = int(number) if number.isdecimal() else 1
        found.append(
            Nonlinearity(prefix + layer.name, prefix + path, call, layer.op.kind, layer.op.label(), layer.stage)
        )
    return found


class ActivationHooks:
    """Writes the saturation and the mean of each nonlinearity's outputs into a recorder's row."""

    def __init__(
        self, model: nn.Module, nonlinearities: Sequence[Nonlinearity], recorder: Recorder, guard: Guard
    ) -> None:
        """Attach the hooks; `guard` calls what they do, and keeps its errors from the training."""
        self._model, self._recorder, self._guard = model, recorder, guard
        self._places = {(one.module, one.call): (place, one.kind) for place, one in enumerate(nonlinearities)}
        self._calls: Counter[str] = Counter()
        self.active = True
        """Whether the step that is under way is to be measured."""
        modules = dict(model.named_modules())
        self._handles: list[RemovableHandle] = [
            modules[name].register_forward_hook(QuietHook(partial(self._forward, name)))
            for name in dict.fromkeys(one.module for one in nonlinearities)
        ]

    def begin_pass(self) -> None:
        """Begin a forward pass."""
        self._calls.clear()

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()

    def _forward(self, name: str, _module: nn.Module, _inputs: Any, output: Any) -> None:
        if torch.compiler.is_compiling() or not (self.active and torch.is_grad_enabled() and self._model.training):
            return
        self._calls[name] += 1
        place = self._places.get((name, self._calls[name]))
        if place is not None and isinstance(output, Tensor) and output.is_floating_point() and output.ndim:
            self._guard(lambda: self._measure(*place, output.detach()))

    def _measure(self, place: int, kind: str, output: Tensor) -> None:
        some = some_outputs(output)
        self._recorder.write(SATURATION.name, place, saturated_share(some, kind))
        self._recorder.write(ACTIVATION_MEAN.name, place, mean_output(some))
