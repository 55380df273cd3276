"""A log that another program still writes is a run that grows with it, step by step and complete."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from torch.utils.tensorboard import SummaryWriter

from resviz.base.errors import RunError
from resviz.runs.curve_import import read_curves
from resviz.runs.curve_kinds import stamp_of_log
from resviz.runs.folder import RunFolder
from resviz.runs.imported_run import CurveRun, guess_meanings, save_curves


def log_steps(writer: SummaryWriter, first: int, last: int) -> None:
    for step in range(first, last):
        writer.add_scalar("train/loss", 1 / (1 + step), step)
    writer.flush()


@pytest.fixture
def writer(tmp_path: Path) -> SummaryWriter:
    writer = SummaryWriter(str(tmp_path / "logs"))
    log_steps(writer, 0, 5)
    return writer


def test_it_has_every_step_once_and_what_came_late_to_the_newest(writer: SummaryWriter, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    curves = read_curves(logs)
    run = CurveRun(tmp_path / "runs", curves, guess_meanings(curves))
    assert RunFolder(run.folder).info.state == "running"
    writer.add_scalar("val/accuracy", 0.75, 4)
    log_steps(writer, 5, 9)
    run.take(read_curves(logs))
    run.take(read_curves(logs))
    rows = RunFolder(run.folder).rows()
    assert list(rows["step"]) == list(range(8)), "of the newest step more may come"
    assert rows["held_out_error"][4] == pytest.approx(0.25), "a column that is new means what its name says"
    run.finish()
    writer.close()
    whole = save_curves(tmp_path / "runs", read_curves(logs), guess_meanings(read_curves(logs)))
    ours, theirs = RunFolder(run.folder), RunFolder(whole)
    assert (ours.info.state, ours.info.steps) == ("finished", 9)
    assert ours.info.loss == pytest.approx(1 / 9)
    for name, values in theirs.rows().items():
        np.testing.assert_array_equal(ours.rows()[name], values)


def test_a_log_has_a_new_stamp_when_it_has_grown(writer: SummaryWriter, tmp_path: Path) -> None:
    before = stamp_of_log(tmp_path / "logs")
    assert before == stamp_of_log(tmp_path / "logs")
    log_steps(writer, 5, 6)
    assert before != stamp_of_log(tmp_path / "logs")
    writer.close()
    assert stamp_of_log(tmp_path / "nothing") in ((), ((str(tmp_path / "nothing"), 0, 0),))


def test_columns_without_a_meaning_are_refused(writer: SummaryWriter, tmp_path: Path) -> None:
    writer.close()
    with pytest.raises(RunError, match="No column has a meaning"):
        CurveRun(tmp_path / "runs", read_curves(tmp_path / "logs"), {"train/loss": ""})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another signal there")
def test_the_command_follows_a_log_until_ctrl_c(writer: SummaryWriter, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    command = [sys.executable, "-m", "resviz", "import", str(tmp_path / "logs"), "--follow", "--out", str(runs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "imported as" in process.stdout.readline()
        (folder,) = runs.iterdir()
        log_steps(writer, 5, 12)
        deadline = time.monotonic() + 20
        while len(RunFolder(folder).rows()["step"]) < 11 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(RunFolder(folder).rows()["step"]) == 11
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    writer.close()
    run = RunFolder(folder)
    assert (run.info.state, len(run.rows()["step"])) == ("finished", 12)
