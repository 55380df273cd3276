"""The checks of `python -m tests.gpu` hold on a CPU too, as far as they can, so that they work when a GPU is there."""

import subprocess
import sys

import pytest
import torch

from tests.gpu.checks import CHECKS, Check, difference, rows_of
from tests.gpu.packages import missing_packages, needed_packages


@pytest.mark.slow
@pytest.mark.parametrize("check", [one for one in CHECKS if not one.needs_cuda], ids=lambda check: check.what)
def test_a_check_passes_on_the_cpu(check: Check) -> None:
    assert check.run(torch.device("cpu"))


def test_a_check_notices_numbers_that_differ() -> None:
    rows, others = (rows_of("mlp5", "cpu", batch=batch) for batch in (32, 33))
    assert difference(rows, rows) == 0
    assert difference(rows, others) > 1e-3


@pytest.mark.slow
def test_without_a_gpu_it_says_so_and_is_no_failure() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    done = subprocess.run([sys.executable, "-m", "tests.gpu"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "No GPU: torch finds no CUDA device, so nothing was checked.\n")


def test_the_packages_to_carry_are_those_of_the_engine() -> None:
    assert missing_packages() == []
    assert any(one.startswith("torch>") for one in needed_packages())
    assert not any(one.startswith("PySide6") for one in needed_packages())
