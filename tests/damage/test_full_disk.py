"""A disk that is full when a run ends costs nothing: the run waits for room, and then ends as it should."""

import errno
from pathlib import Path

import pytest

from resviz.base.atomic_files import write_whole
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.runs import folder
from resviz.runs.folder import RunFolder
from resviz.training.recipe import TrainConfig

CONFIG = TrainConfig(data="digits16", batch=16, steps=4)


class FullDisk:
    """Lets files of a name be written only after so many tries, once the run has begun."""

    def __init__(self, name: str, tries: int, code: int) -> None:
        self.name, self.left, self.code = name, tries, code
        self.write = write_whole
        self.armed = False

    def __call__(self, path: Path, content: bytes) -> None:
        if self.armed and path.name == self.name and self.left:
            self.left -= 1
            raise OSError(self.code, "No space left on device", str(path))
        self.write(path, content)


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "run.json"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_full_at_the_end_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    disk = FullDisk(name, 3, code)
    monkeypatch.setattr(folder, "write_whole", disk)
    problems = []
    with Session(TrainingPlan([catalogue.find("mlp5")], CONFIG, tmp_path, threads=1)) as session:
        evaluations: list[bool] = []
        evaluate = session._trainers[0].evaluate

        def counted() -> tuple[float, float]:
            evaluations.append(disk.armed)
            return evaluate()

        monkeypatch.setattr(session._trainers[0], "evaluate", counted)
        for update in session.steps():
            disk.armed = update.steps == CONFIG.steps
            problems += [update.problem] if update.problem else []
    assert len(problems) == 3
    run = session.recording.writers[0].folder
    assert all(str(run) in problem and ".part" not in problem for problem in problems), "it names the run"
    found = RunFolder(run)
    assert (found.info.state, found.info.steps, found.info.error_step) == ("finished", 4, 4)
    assert found.info.error is not None
    assert int(found.checkpoint()["step"]) == 4
    assert sum(evaluations) == 1, "the last error is measured once"
    assert not list(run.glob(".*.part"))


def test_stopping_while_the_disk_is_full_keeps_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk("checkpoint.safetensors", 10**6, errno.ENOSPC)
    monkeypatch.setattr(folder, "write_whole", disk)
    with (
        pytest.raises(OSError, match="No space"),
        Session(TrainingPlan([catalogue.find("mlp5")], CONFIG, tmp_path, threads=1)) as session,
    ):
        for update in session.steps():
            disk.armed = update.steps == CONFIG.steps
            if update.problem:
                session.interrupt()
    found = RunFolder(session.recording.writers[0].folder)
    assert found.rows()["step"].tolist() == [0, 1, 2, 3]
    assert found.info.state == "failed"
    assert "The disk is full" in found.info.message


def test_two_runs_end_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk("run.json", 1, errno.ENOSPC)
    monkeypatch.setattr(folder, "write_whole", disk)
    with Session(TrainingPlan([catalogue.find("mlp5")] * 2, CONFIG, tmp_path, threads=1)) as session:
        for update in session.steps():
            disk.armed = update.steps == CONFIG.steps
    for writer in session.recording.writers:
        run = RunFolder(writer.folder)
        assert run.info.state == "finished"
        events = (writer.folder / "events.jsonl").read_text().splitlines()
        assert sum('"finished"' in line for line in events) == 1
