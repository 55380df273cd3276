"""The fastest device that works is used, and a device that fails is named."""

import pytest
import torch

from resviz.base.errors import UsageError
from resviz.experiments.devices import choose_device


def test_without_a_gpu_the_cpu_is_taken_and_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == (torch.device("cpu"), "")


def test_a_gpu_that_fails_is_said_and_the_cpu_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*size: int, device: torch.device) -> torch.Tensor:
        raise RuntimeError("CUDA error: no kernel image is available\nand a second line")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("resviz.experiments.devices.find_device", torch.device)
    monkeypatch.setattr(torch, "zeros", fails)
    device, problem = choose_device("auto")
    assert device == torch.device("cpu")
    assert problem == ("The GPU does not work (CUDA error: no kernel image is available). Training runs on the CPU.")


def test_a_device_that_is_asked_for_by_name_is_not_replaced() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has what is asked for")
    with pytest.raises(UsageError, match="Use cpu"):
        choose_device("cuda")
