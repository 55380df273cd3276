"""Runs a model once so that it can be recorded, at the least cost that does, and leaves it as it was.

The first way that gets through is taken: tensors on the meta device, which have a shape and no memory; fake tensors,
which also have a device; real ones, where the model looks at values. A model that fails in all of them is shown as far
as it came.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.func import functional_call
from torch.utils._pytree import tree_map_only

from resviz.capturing.assembling import assemble
from resviz.capturing.captured_net import CapturedNet, Way
from resviz.capturing.recording import Recorder, tensors_in

if TYPE_CHECKING:
    from resviz.capturing.calls import Recording

MakeReal = Callable[[], tuple[nn.Module, tuple[Any, ...], dict[str, Any]]]
"""Makes the model with its weights, and what it is called with."""


@dataclasses.dataclass(frozen=True)
class Example:
    """What a model is called with."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def capture_model(
    model: nn.Module, example: Example, name: str, origin: str = "", make_real: MakeReal | None = None
) -> CapturedNet:
    """Return the graph of one run of a model in eval mode.

    Args:
        model: The model; its parameters may be on the meta device.
        example: What it is called with. A leading axis of 1 is the batch's.
        name: Name of the graph.
        origin: Where the model comes from, for people.
        make_real: Makes the model with values, if this one has none and values are needed.
    """
    model = _original(model)
    best: tuple[Recording, Way] | None = None
    for way in ("meta", "fake", "real"):
        if way == "real" and _has_no_values(model):
            if make_real is None:
                break
            model, args, kwargs = make_real()
            example = Example(args, kwargs)
        recording = _record(model, example, way)
        if not recording.problem:
            return _captured(model, recording, name, origin, way)
        if best is None or way == "real" or len(recording.calls) > len(best[0].calls):
            best = recording, way
        if recording.endless:
            break
    assert best is not None
    recording, way = best
    return _captured(model, recording, name, origin, way)


def _captured(model: nn.Module, recording: Recording, name: str, origin: str, way: Way) -> CapturedNet:
    sizes = {key: tensor.numel() for key, tensor in model.named_parameters()}
    graph = assemble(name, recording, sizes)
    read = {key for call in recording.calls for key in call.parameters}
    unused = tuple((key, size) for key, size in sizes.items() if key not in read)
    return CapturedNet(graph, origin, way, unused, recording.problem, sum(1 for _module in model.modules()))


def _original(model: nn.Module) -> nn.Module:
    """Return the model that a compiled one was made from."""
    return getattr(model, "_orig_mod", model)


def _has_no_values(model: nn.Module) -> bool:
    return any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))


def _record(model: nn.Module, example: Example, way: Way) -> Recording:
    """Run the model in one way and return what was recorded, with what went wrong."""
    with ExitStack() as stack:
        stack.enter_context(_as_it_was(model))
        if way == "fake":
            stack.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        convert: Callable[[Tensor], Tensor] = {"meta": _to_meta, "fake": _to_fake, "real": _as_it_is}[way]
        state: dict[str, Tensor] = {}
        if way != "real":
            state = {key: convert(tensor) for key, tensor in (*model.named_parameters(), *model.named_buffers())}
        args, kwargs = tree_map_only(Tensor, convert, (example.args, dict(example.kwargs)))
        seen = state or {**dict(model.named_parameters()), **dict(model.named_buffers())}
        recorder = Recorder(model, seen)
        recorder.add_inputs(_named_inputs(args, kwargs))
        stack.enter_context(torch.inference_mode())
        stack.enter_context(recorder.following_modules())
        try:
            with recorder:
                output = functional_call(model, state, args, kwargs) if state else model(*args, **kwargs)
            recorder.set_outputs(output)
        except Exception as error:  # whatever a stranger's model raises: what was recorded until then is kept
            recorder.recording.fail(error)
        return recorder.recording


def _named_inputs(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the tensors that a model is called with, by names: of keyword arguments their own."""
    named: dict[str, Tensor] = {}
    given = tensors_in(args)
    for number, tensor in enumerate(given):
        named["input" if len(given) == 1 else f"input_{number + 1}"] = tensor
    for key, value in kwargs.items():
        found = tensors_in(value)
        for number, tensor in enumerate(found):
            named[key if len(found) == 1 else f"{key}_{number + 1}"] = tensor
    return named


def _to_meta(tensor: Tensor) -> Tensor:
    made = torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device="meta")
    return nn.Parameter(made, requires_grad=False) if isinstance(tensor, nn.Parameter) else made


def _as_it_is(tensor: Tensor) -> Tensor:
    return tensor


def _to_fake(tensor: Tensor) -> Tensor:
    """Return a fake tensor in the mode that is entered: without memory, on the tensor's device, or the CPU."""
    device = torch.device("cpu") if tensor.is_meta else tensor.device
    return torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype, device=device)


@contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """Run a model in eval mode. Afterwards modes, buffers, attributes and torch's random numbers are as before."""
    modules = list(model.modules())
    before = [
        (module, dict(vars(module)), dict(module._parameters), dict(module._buffers), dict(module._modules))
        for module in modules
    ]
    values = [(buffer, buffer.clone()) for buffer in model.buffers() if not buffer.is_meta]
    log = logging.getLogger(FakeTensorMode.__module__)
    level = log.level
    log.setLevel(logging.CRITICAL)  # it says of an operator that fails what the graph will say
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # it would do a whole encoder layer in one call
    devices = sorted({tensor.device.index for tensor in model.parameters() if tensor.is_cuda})
    try:
        with torch.random.fork_rng(devices), torch.compiler.set_stance("force_eager"):
            for module in modules:
                module.training = False
            yield
    finally:
        log.setLevel(level)
        torch.backends.mha.set_fastpath_enabled(fast)
        for module, attributes, parameters, buffers, children in before:
            vars(module).clear()
            vars(module).update(attributes)
            tables: list[tuple[dict[str, Any], dict[str, Any]]] = [
                (parameters, module._parameters),
                (buffers, module._buffers),
                (children, module._modules),
            ]
            for kept, now in tables:
                now.clear()
                now.update(kept)
        with torch.no_grad():
            for buffer, value in values:
                if not torch.equal(buffer, value):
                    buffer.copy_(value)
