"""Models of other programs are counted again by other programs."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.helpers.command_line import resviz

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("model", ["torchvision:resnet18", "torchvision:mobilenet_v2", "torchvision:googlenet"])
def test_other_counters_agree_and_each_difference_has_its_name(model: str) -> None:
    found = json.loads(resviz("show", model, "--cross-check", "--json", check=True).stdout)
    checks = {check["counter"]: check for check in found["cross_check"]}
    assert set(checks) == {"torch", "torchinfo", "fvcore"}
    for name in ("torch", "fvcore"):
        assert checks[name]["agrees"], checks[name]
    unused = sum(one["params"] for one in found["unused"])
    assert checks["torchinfo"]["params"] == found["params"] + unused


def test_attention_is_counted_alike_by_torch() -> None:
    found = json.loads(resviz("show", "torchvision:vit_b_16", "--cross-check", "--json", check=True).stdout)
    (torch,) = [check for check in found["cross_check"] if check["counter"] == "torch"]
    assert torch["unexplained"] == 0
    assert torch["agrees"]


def test_what_other_counters_can_not_run_is_said_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file({"a.weight": np.zeros((2, 3), np.float32)}, path)
    assert "it is no module" in resviz("show", str(path), "--cross-check").stderr
