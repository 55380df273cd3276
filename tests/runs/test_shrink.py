"""A run that is given away keeps one row in several, and says how many it left out."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from resviz.experiments.session import Session
from resviz.experiments.trained_nets import load_trained
from resviz.experiments.training_plan import TrainingPlan
from resviz.measurements.history import RunHistory
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder, shrink_run
from resviz.runs.lost_steps import find_lost_steps, lost_steps
from resviz.training.recipe import TrainConfig


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("runs")
    config = TrainConfig(data="digits", batch=32, steps=24, evaluate_every=4)
    with Session(TrainingPlan([catalogue.find("lenet5")], config, folder)) as session:
        for _ in session.steps():
            pass
        session.close()
        return RunFolder(session.recording.writers[0].folder)


def shrunk(whole: RunFolder, folder: Path, every: int, *, weights: bool = False) -> RunFolder:
    copy = folder / whole.folder.name
    shutil.copytree(whole.folder, copy)
    shrink_run(copy, every, weights=weights)
    return RunFolder(copy)


@pytest.mark.parametrize("every", [1, 4, 7])
def test_it_keeps_one_row_in_several_and_the_last(tmp_path: Path, whole: RunFolder, every: int) -> None:
    run = shrunk(whole, tmp_path, every)
    kept = sorted({*range(0, 24, every), 23})
    assert run.rows()["step"].tolist() == kept
    for name, values in whole.rows().items():
        assert np.array_equal(run.rows()[name], values[kept], equal_nan=values.dtype.kind == "f")
    assert run.info.left_out == 24 - len(kept)
    assert lost_steps(run.info, len(kept)) == find_lost_steps(run.folder, run.info) == 0, "nothing is lost"
    assert lost_steps(run.info, len(kept) - 1) == 1
    assert not (run.folder / "checkpoint.safetensors").exists()
    assert not (run.folder / "lock").exists()


def test_its_history_knows_its_steps(tmp_path: Path, whole: RunFolder) -> None:
    run = shrunk(whole, tmp_path, 4)
    history = RunHistory(run.layers)
    history.append(run.rows())
    assert (history.count, history.step_count, history.stride) == (7, 24, 4)
    assert [history.row_at(step) for step in (0, 3, 4, 22, 23, 99)] == [0, 0, 1, 5, 6, 6]


def test_it_may_keep_its_weights_alone(tmp_path: Path, whole: RunFolder) -> None:
    run = shrunk(whole, tmp_path, 4, weights=True)
    names = run.checkpoint().keys()
    assert names
    assert all(name == "step" or name.startswith("net.") for name in names)
    assert load_trained(run).evaluate()[1] == pytest.approx(whole.info.error)


def test_a_run_with_all_rows_does_not_mention_rows_that_were_left_out(whole: RunFolder) -> None:
    assert "left_out" not in (whole.folder / "run.json").read_text()
