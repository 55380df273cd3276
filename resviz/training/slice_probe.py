"""Responses of a compiled model, and their gradients: measured on the model as it was written, with a few samples.

Hooks don't fire in compiled code. So the first samples of the batch go through the uncompiled model once more, and the
gradient that the compiled model's outputs got is sent back through it. Weights, their gradients, buffers and random
numbers stay as they are. A batch normalization takes the statistics of these samples.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT
from resviz.training.quiet_hooks import QuietHook
from resviz.training.stable_norms import l2_norm, standard_deviation
from resviz.training.watch_probes import tensors_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch.utils.hooks import RemovableHandle

    from resviz.training.recorder import Recorder
    from resviz.training.watch_places import Place

SAMPLES = 8
"""How many samples of the batch are measured."""


class SliceProbe:
    """Keeps what a compiled model reads and what gradients its outputs get, and measures the responses from both."""

    def __init__(self, called: nn.Module, model: nn.Module, places: Sequence[Place], recorder: Recorder) -> None:
        """Follow the calls of a compiled model; `model` is the one that it was made from."""
        self._model, self._places, self._recorder = model, places, recorder
        self.active = True
        """Whether the step that is under way is to be measured."""
        self.written: set[int] = set()
        """Places whose response was measured in this row."""
        self.fired: set[int] = set()
        """Places whose response's gradient was measured in this row."""
        self._given: tuple[tuple[Any, ...], dict[str, Any]] | None = None
        self._shapes: list[torch.Size] = []
        self._gradients: dict[int, Tensor] = {}
        self._handles: list[RemovableHandle] = [
            called.register_forward_hook(QuietHook(self._after_forward), with_kwargs=True),
        ]

    def remove(self) -> None:
        """Follow no more."""
        for handle in self._handles:
            handle.remove()

    def begin_row(self) -> None:
        """Begin a row, and let go of the batch."""
        self._given, self._gradients = None, {}
        self.written.clear()
        self.fired.clear()

    def _after_forward(self, _module: nn.Module, args: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        if not self.active or not torch.is_grad_enabled() or not self._model.training:
            return
        self._gradients, self._given = {}, (args, named)
        outputs = [tensor for tensor in tensors_of(output) if tensor.requires_grad]
        self._shapes = [tensor.shape for tensor in outputs]
        for index, tensor in enumerate(outputs):
            tensor.register_hook(partial(self._keep, index))  # type: ignore[no-untyped-call]

    def _keep(self, index: int, gradient: Tensor) -> None:
        self._gradients[index] = gradient.detach()

    def measure(self) -> None:
        """Measure the responses of the last pass into the recorder's row, if there was one."""
        if self._given is None or not self._gradients:
            return
        args, named = self._given
        size = next((len(tensor) for tensor in tensors_of((args, named)) if tensor.ndim), 0)
        count = min(SAMPLES, size)
        responses: dict[int, Tensor] = {}
        with torch.enable_grad(), _as_it_was(self._model):
            handles = self._hooks(responses)
            try:
                output = self._model(*_first(args, size, count), **_first(named, size, count))
            finally:
                for handle in handles:
                    handle.remove()
            outputs = [tensor for tensor in tensors_of(output) if tensor.requires_grad]
            ends, sent, factor = self._sent(outputs, size, count)
            places = list(responses)
            found = torch.autograd.grad(ends, [responses[place] for place in places], sent, allow_unused=True)
        for place, gradient in zip(places, found, strict=True):
            self.written.add(place)
            self._recorder.write(RESPONSE.name, place, standard_deviation(responses[place].detach()))
            if gradient is not None:
                self.fired.add(place)
                self._recorder.write(RESPONSE_GRADIENT.name, place, l2_norm(gradient) * factor)
        self._given, self._gradients = None, {}

    def _hooks(self, responses: dict[int, Tensor]) -> list[RemovableHandle]:
        modules = dict(self._model.named_modules())

        def keep(index: int, output: Any) -> None:
            response = next(tensors_of(output), None)
            if response is not None and response.requires_grad and response.ndim:
                responses.setdefault(index, response)

        return [
            modules[place.response if place.response in modules else place.name].register_forward_hook(
                lambda _module, _args, output, index=index: keep(index, output)
            )
            for index, place in enumerate(self._places)
        ]

    def _sent(self, outputs: list[Tensor], size: int, count: int) -> tuple[list[Tensor], list[Tensor], float]:
        """Return the outputs with the gradients to be sent back, and what makes them those of each sample's own loss.

        Of an output of the batch the gradient is that of the mean loss over `size` samples. A loss that the model
        computes itself is a mean over the samples that it is given now.
        """
        losses = [(outputs[at], one) for at, one in self._gradients.items() if not self._shapes[at]]
        batched = [(outputs[at], one) for at, one in self._gradients.items() if self._shapes[at]]
        if losses and not batched:
            return [end for end, _one in losses], [one for _end, one in losses], math.sqrt(count)
        ends, sent = [end for end, _one in batched], [one[:count] for _end, one in batched]
        return ends, sent, size / math.sqrt(count)


def _first(value: Any, size: int, count: int) -> Any:
    """Return the first samples of a batch, in whatever it comes."""
    if isinstance(value, Tensor):
        return value[:count] if value.ndim and len(value) == size else value
    if isinstance(value, dict):
        return {key: _first(one, size, count) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_first(one, size, count) for one in value)
    return value


@contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """Run a model once more without a trace: its buffers and torch's random numbers are as before."""
    values = [(buffer, buffer.clone()) for buffer in model.buffers()]
    devices = sorted({one.device.index for one in model.parameters() if one.is_cuda})
    try:
        with torch.random.fork_rng(devices), torch.compiler.set_stance("force_eager"):
            yield
    finally:
        with torch.no_grad():
            for buffer, value in values:
                buffer.copy_(value)
