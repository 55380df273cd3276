"""A trained net with identity blocks answers as before, and is trained on from there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resviz.base.errors import NetError
from resviz.cli import app
from resviz.cli.json_documents import Train
from resviz.experiments.deepen import deepen_run
from resviz.runs.folder import RunFolder
from tests.experiments.test_ensemble import train as train_lenet
from tests.gui.test_ablation_page import train


@pytest.mark.parametrize("unit", ["plain", "resnet"])
def test_the_deeper_net_begins_with_the_error_that_the_run_ended_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))
    train(tmp_path)
    run = next(
        found
        for path in tmp_path.iterdir()
        if (path / "run.json").exists() and (found := RunFolder(path)).info.net.name.startswith(f"cifar-{unit}")
    )
    out = tmp_path / "deeper"
    done = CliRunner().invoke(
        app, ["deepen", str(run.folder), "--steps", "2", "--blocks", "2", "--out", str(out), "--json"]
    )
    assert done.exit_code == 0, done.output
    Train.model_validate(json.loads(done.stdout))
    deeper = RunFolder(next(out.iterdir()))
    assert len(deeper.layers.layers) == len(run.layers.layers) + 3 * 2 * 2 - 4, "two blocks more in each of two stages"
    assert deeper.rows()["held_out_error"][0] == pytest.approx(run.info.error)
    assert deeper.info.recipe["weights"]


def test_a_net_without_blocks_can_not_be_made_deeper(tmp_path: Path) -> None:
    with pytest.raises(NetError, match="can be made deeper"):
        deepen_run(train_lenet(tmp_path, 0))


def test_the_command_is_listed() -> None:
    done = subprocess.run([sys.executable, "-m", "resviz", "--help"], capture_output=True, text=True, check=True)
    assert "deepen" in done.stdout
    assert "ensemble" in done.stdout
