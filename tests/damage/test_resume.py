"""A resume that is refused changes nothing, and one that would write beside another program is refused first."""

import hashlib
import time
from pathlib import Path

import pytest
from filelock import FileLock

from resviz.base.errors import RunError
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.training.recipe import TrainConfig
from tests.helpers.command_line import resviz

CONFIG = TrainConfig(data="digits16", batch=16, steps=4)


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    with Session(TrainingPlan([catalogue.find("mlp5")], CONFIG, tmp_path, threads=1)) as session:
        for update in session.steps():
            if update.steps == 2:
                break
    return session.recording.writers[0].folder


def content(folder: Path) -> dict[str, str]:
    """A digest of every file but the lock."""
    files = sorted(path for path in folder.iterdir() if path.name != "lock")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_damaged_checkpoint_is_refused_and_the_run_stays_as_it_was(stopped: Path) -> None:
    path = stopped / "checkpoint.safetensors"
    damaged = bytearray(path.read_bytes())
    damaged[-5] ^= 0xFF
    path.write_bytes(damaged)
    before = content(stopped)
    with pytest.raises(RunError, match="was changed after it was written"):
        Session(resume_plan([stopped]))
    assert content(stopped) == before
    assert RunFolder(stopped).info.state == "stopped"
    with FileLock(stopped / "lock").acquire(timeout=0):
        pass  # nobody holds it any more


def test_of_two_runs_the_first_stays_as_it_was_if_the_second_is_refused(stopped: Path, tmp_path: Path) -> None:
    with Session(TrainingPlan([catalogue.find("mlp5")], CONFIG, tmp_path, threads=1)) as session:
        next(iter(session.steps()))
    second = session.recording.writers[0].folder
    (second / "checkpoint.safetensors").write_bytes(b"nonsense")
    before = content(stopped)
    with pytest.raises(RunError, match="can't be read"):
        Session(resume_plan([stopped, second]))
    assert content(stopped) == before


def test_the_checkpoint_of_another_net_is_refused_without_a_change(stopped: Path, tmp_path: Path) -> None:
    with Session(TrainingPlan([catalogue.find("cifar-resnet20")], CONFIG, tmp_path, threads=1)) as session:
        next(iter(session.steps()))
    other = session.recording.writers[0].folder
    (stopped / "checkpoint.safetensors").write_bytes((other / "checkpoint.safetensors").read_bytes())
    before = content(stopped)
    with pytest.raises(RunError, match="belongs to another net"):
        Session(resume_plan([stopped]))
    assert content(stopped) == before


def test_that_another_program_writes_the_run_is_the_first_thing_said(stopped: Path) -> None:
    (stopped / "checkpoint.safetensors").write_bytes(b"nonsense")
    with FileLock(stopped / "lock").acquire(timeout=0):
        began = time.monotonic()
        refused = resviz("resume", str(stopped))
        assert time.monotonic() - began < 30
    assert refused.returncode == 2
    assert "another program is writing this run" in refused.stderr
    assert "nonsense" not in refused.stderr
