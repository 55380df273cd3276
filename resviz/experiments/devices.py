"""The devices of the machine that trains."""

from __future__ import annotations

import torch

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.training.process_environment import local_rank, local_world


def choose_device(name: str) -> tuple[torch.device, str]:
    """Return the device of a name, and what is to be said of the choice.

    "auto" is the fastest device that works: a GPU that fails is reported, and the CPU takes its place. Raise UsageError
    for another device that the machine does not have.
    """
    if name != "auto":
        return find_device(name), ""
    if not torch.cuda.is_available():
        return torch.device("cpu"), ""
    reason = gpu_problem()
    if reason:
        text = _("The GPU does not work ({reason}). Training runs on the CPU.")
        return torch.device("cpu"), text.format(reason=reason)
    return find_device("cuda"), ""


def gpu_problem() -> str:
    """Return why the GPU that torch finds does not compute, or "" if it does."""
    try:
        device = find_device("cuda")
        torch.zeros(8, device=device).add_(1).sum().item()  # a driver that is too old fails only now
    except (RuntimeError, AssertionError, UsageError) as error:
        return (str(error).splitlines() or [type(error).__name__])[0][:160]
    return ""


def find_device(name: str) -> torch.device:
    """Return the device of this name. Raise UsageError if the machine does not have it."""
    if name.startswith("cuda") and local_world() > 1:  # each process has a GPU of its own
        name = f"cuda:{local_rank()}"
    try:
        device = torch.device(name)
        if device.type not in ("cpu", "cuda"):
            raise RuntimeError(f"{device.type} trains nothing")
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError):
        raise UsageError(
            _("Device {name} is not available. Use cpu, or cuda on a machine with a GPU.").format(name=repr(name))
        ) from None
    return device
