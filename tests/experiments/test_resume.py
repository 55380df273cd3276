"""A run that was stopped, killed or has failed goes on with the numbers that it would have had without a stop."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from resviz.base.errors import RunError
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder, RunWriter
from resviz.runs.library import named
from resviz.training.recipe import TrainConfig
from tests.helpers.command_line import resviz

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(data="digits16", batch=32, steps=24, evaluate_every=6)
LONGER = CONFIG.model_copy(update={"steps": 36})
SPEC = catalogue.find("cifar-resnet20")


def trained(folder: Path, config: TrainConfig = CONFIG, stop_at: int | None = None) -> Path:
    with Session(TrainingPlan([SPEC], config, folder, threads=1)) as session:
        for update in session.steps():
            if update.steps == stop_at:
                break
        session.close()
    return session.recording.writers[0].folder


def gone_on(folder: Path, steps: int | None = None) -> RunFolder:
    with Session(resume_plan([folder], steps)) as session:
        for _ in session.steps():
            pass
    return RunFolder(folder)


def same(ours: RunFolder, whole: RunFolder) -> None:
    assert ours.rows().keys() == whole.rows().keys()
    for name, values in whole.rows().items():
        assert np.array_equal(ours.rows()[name], values, equal_nan=True), name
    for name, tensor in whole.checkpoint().items():
        assert np.array_equal(ours.checkpoint()[name], tensor), name
    assert (ours.info.state, ours.info.steps, ours.info.error) == ("finished", whole.info.steps, whole.info.error)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that was never stopped; it is only read."""
    return RunFolder(trained(tmp_path_factory.mktemp("whole")))


@pytest.fixture(scope="module")
def longer_whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of 36 steps that was never stopped; it is only read."""
    return RunFolder(trained(tmp_path_factory.mktemp("longer"), LONGER))


@pytest.mark.parametrize("stop_at", [1, 13])
def test_a_stopped_run_goes_on_bit_by_bit(tmp_path: Path, stop_at: int, whole: RunFolder) -> None:
    stopped = trained(tmp_path / "stopped", stop_at=stop_at)
    assert RunFolder(stopped).info.state == "stopped"
    same(gone_on(stopped), whole)
    kinds = [json.loads(line)["event"] for line in (stopped / "events.jsonl").read_text().splitlines()]
    assert kinds == ["started", "stopped", "resumed", "finished"]


def test_a_finished_run_goes_on_further_as_one_that_was_to_from_the_beginning(
    tmp_path: Path, whole: RunFolder, longer_whole: RunFolder
) -> None:
    run = gone_on(Path(shutil.copytree(whole.folder, tmp_path / whole.folder.name)), 36)
    same(run, longer_whole)
    assert run.info.recipe["steps"] == 36
    with pytest.raises(RunError, match="all 36 steps are done. Give more with --steps"):
        Session(resume_plan([run.folder]))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("saves", [0.0, 1e9])
def test_a_killed_run_goes_on_bit_by_bit_from_its_checkpoint_or_its_beginning(
    tmp_path: Path, saves: float, longer_whole: RunFolder
) -> None:
    code = (
        "import sys; from pathlib import Path; from resviz.experiments import recording\n"
        "from tests.experiments.test_resume import *\n"
        f"recording.SAVE_SECONDS = {saves}; recording.SAVE_SHARE = 1e9\n"
        "trained(Path(sys.argv[1]), LONGER)"
    )
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "killed")], cwd=root)
    try:
        limit = time.monotonic() + 120
        while not any(run.rows() and len(run.rows()["step"]) > 10 for run in _runs(tmp_path / "killed")):
            assert time.monotonic() < limit
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    (killed,) = _runs(tmp_path / "killed")
    assert killed.info.state == "interrupted"
    assert bool(killed.checkpoint()) == (saves == 0.0)
    same(gone_on(killed.folder), longer_whole)


def test_a_checkpoint_is_never_ahead_of_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies between them would be measured by nobody, were the run killed there."""
    monkeypatch.setattr("resviz.experiments.recording.SAVE_SECONDS", 0.0)
    monkeypatch.setattr("resviz.experiments.recording.SAVE_SHARE", 1e9)
    monkeypatch.setattr("resviz.experiments.session.DRAIN_SECONDS", 1e9)
    saved: list[int] = []

    def checkpoint(writer: RunWriter, tensors: object, steps: int) -> None:
        saved.append(steps)
        assert len(RunFolder(writer.folder).rows()["step"]) == steps

    monkeypatch.setattr(RunWriter, "checkpoint", checkpoint)
    trained(tmp_path, CONFIG)
    assert saved[:3] == [1, 2, 3]


def _runs(folder: Path) -> list[RunFolder]:
    return [RunFolder(path) for path in folder.glob("*") if (path / "run.json").exists()] if folder.exists() else []


def test_a_run_that_another_program_writes_is_refused(tmp_path: Path) -> None:
    folder = trained(tmp_path, stop_at=3)
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(folder, held, done))
    other.start()
    try:
        assert held.wait(60)
        with pytest.raises(RunError, match="another program is writing this run"):
            Session(resume_plan([folder]))
    finally:
        done.set()
        other.join()
    assert gone_on(folder).info.state == "finished", "and once it has ended this one can"


def _hold(folder: Path, held: object, done: object) -> None:
    with FileLock(folder / "lock"):
        held.set()  # type: ignore[attr-defined]
        done.wait(60)  # type: ignore[attr-defined]


def test_a_checkpoint_of_another_net_or_none_at_all_is_said(tmp_path: Path) -> None:
    folder = trained(tmp_path, stop_at=3)
    (folder / "checkpoint.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(RunError, match=r"checkpoint.safetensors can't be read"):
        Session(resume_plan([folder]))
    FileLock(folder / "lock").acquire(timeout=0)  # let go when it was refused


def test_a_changed_bit_anywhere_in_a_checkpoint_is_said(tmp_path: Path) -> None:
    folder = trained(tmp_path, stop_at=1)
    path = folder / "checkpoint.safetensors"
    content, right = path.read_bytes(), RunFolder(folder).checkpoint()
    random = np.random.default_rng(0)
    for bit in (*range(0, 800, 7), *random.integers(8 * len(content), size=300)):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << (int(bit) % 8)
        path.write_bytes(changed)
        try:
            found = RunFolder(folder).checkpoint()
        except RunError:
            continue
        assert found.keys() == right.keys()  # in what describes it otherwise than by its numbers
        assert all(np.array_equal(found[name], right[name]) for name in right)


def test_checkpoints_are_saved_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resviz.experiments.recording.SAVE_SECONDS", 0.0)
    monkeypatch.setattr("resviz.experiments.recording.SAVE_SHARE", 1e9)
    with Session(TrainingPlan([SPEC], CONFIG, tmp_path, threads=1)) as session:
        next(steps := session.steps())
        assert RunFolder(session.recording.writers[0].folder).checkpoint()["step"] == 1
        steps.close()  # type: ignore[attr-defined]


def test_a_run_is_found_by_its_id_or_its_folder_and_by_no_other_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = trained(tmp_path, stop_at=1)
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path))
    assert named(folder.name) == folder
    assert named(str(folder)) == folder
    for wrong in ("nothing", "../" + tmp_path.name, ""):
        with pytest.raises(RunError, match="is not a run. Give a run's folder"):
            named(wrong)


def test_the_command_line_lists_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = trained(tmp_path, stop_at=5)
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path))

    (listed,) = json.loads(resviz("runs", "stopped", "--json").stdout)["runs"]
    assert (listed["id"], listed["steps"], listed["of_steps"]) == (folder.name, 5, 24)
    (ended,) = json.loads(resviz("resume", folder.name, "--json").stdout)["runs"]
    assert ended["steps"] == 24
    assert "finished" in resviz("runs").stdout
    assert json.loads(resviz("runs", "stopped", "--json").stdout)["runs"] == []


def test_the_command_line_says_in_what_runs_differ(tmp_path: Path) -> None:
    one = trained(tmp_path, stop_at=2)
    other = trained(tmp_path, CONFIG.model_copy(update={"seed": 1, "learning_rate": 0.05}), stop_at=2)

    differs = json.loads(resviz("compare", str(one), str(other), "--json").stdout)["differs"]
    assert differs["seed"] == ["0", "1"]
    assert differs["learning_rate"] == ["0.1", "0.05"]
    assert "momentum" not in differs
    assert "The runs have no differences." in resviz("compare", str(one), str(one)).stdout
    refused = resviz("compare", str(one))
    assert refused.returncode == 2
    assert "Only 1 run was given. Give two or more." in refused.stderr


def test_a_run_of_the_format_before_opens() -> None:
    """It was written by an earlier Resviz, and stopped after some steps."""
    (folder,) = (Path(__file__).parents[1] / "runs" / "format2").iterdir()
    run = RunFolder(folder)
    assert run.info.format == 2
    assert run.info.net.name == "cifar-resnet20"
    assert len(run.rows()["response_gradient"][0]) == len(run.layers.layers) == 20


def test_two_runs_go_on_together_and_one_that_is_behind_catches_up(tmp_path: Path, whole: RunFolder) -> None:
    behind = trained(tmp_path, stop_at=5)
    ahead = trained(tmp_path, stop_at=9)
    with Session(resume_plan([ahead, behind])) as session:
        assert session.counts == (9, 5)
        seen = [update.counts for update in session.steps()]
    assert seen[3] == (9, 9)
    assert seen[-1] == (24, 24)
    for folder in (ahead, behind):
        same(RunFolder(folder), whole)


def test_runs_of_different_recipes_are_not_resumed_together(tmp_path: Path) -> None:
    first = trained(tmp_path, stop_at=2)
    second = trained(tmp_path, CONFIG.model_copy(update={"learning_rate": 0.05}), stop_at=2)
    with pytest.raises(RunError, match="differ in learning_rate"):
        resume_plan([first, second])
