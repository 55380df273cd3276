"""The graph of a call that a training loop makes, as far as it can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from resviz.capturing.passes import Example, capture_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.capturing.captured_net import CapturedNet


def capture_call(model: nn.Module, args: tuple[Any, ...], named: Mapping[str, Any]) -> CapturedNet | None:
    """Return what a call of a model with a batch shows of it; None if it can't be captured.

    It says in which order modules are called, and which are on shortcuts. Without it a model is measured too.
    """
    if not args and not named:
        return None
    example = Example(tuple(map(_first_sample, args)), {key: _first_sample(one) for key, one in named.items()})
    try:
        net = capture_model(model, example, type(model).__name__)
    except Exception:  # whatever a stranger's model does when it is called once more
        return None
    return None if net.problem else net


def _first_sample(value: Any) -> Any:
    """Return the first sample of a batch, in whatever it comes: what a graph is of."""
    if isinstance(value, Tensor):
        return value[:1] if value.ndim else value
    if isinstance(value, dict):
        return {key: _first_sample(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_first_sample, value))
    return value
