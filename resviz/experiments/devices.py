"""The devices of the machine that trains."""

from __future__ import annotations

import torch

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.training.process_environment import local_rank, local_world


def find_device(name: str) -> torch.device:
    """Return the device of this name. Raise UsageError if the machine does not have it."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
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
