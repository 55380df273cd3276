"""A lesson shows saved runs of its recipe: finished ones, trained for as many steps, before any that was stopped."""

from pathlib import Path

from resviz.experiments.recorded_runs import find_recorded
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.nets.spec import NetSpec
from resviz.runs.folder import RunFolder
from resviz.training.recipe import TrainConfig

ONE, TWO = catalogue.find("lenet5"), catalogue.find("lenet5").with_options(activation="relu")
CONFIG = TrainConfig(data="digits", batch=32, steps=4, evaluate_every=0)


def train(folder: Path, nets: list[NetSpec], until: int = 4, steps: int = 4) -> list[Path]:
    config = CONFIG.model_copy(update={"steps": steps})
    with Session(TrainingPlan(nets, config, folder)) as session:
        for update in session.steps():
            if update.steps == until:
                break
        session.close()
        return [writer.folder for writer in session.recording.writers]


def test_nets_that_were_trained_apart_are_found_together(tmp_path: Path) -> None:
    (first,), (second,) = train(tmp_path, [ONE]), train(tmp_path, [TWO])
    assert find_recorded([ONE, TWO], CONFIG, [tmp_path]) == [first, second]
    assert find_recorded([TWO], CONFIG, [tmp_path]) == [second]
    assert find_recorded([ONE, TWO], CONFIG.model_copy(update={"seed": 3}), [tmp_path]) == []


def test_a_short_run_that_was_stopped_takes_no_place_among_finished_ones(tmp_path: Path) -> None:
    whole = train(tmp_path / "samples", [ONE, TWO])
    train(tmp_path / "own", [ONE], until=2)
    assert find_recorded([ONE, TWO], CONFIG, [tmp_path / "own", tmp_path / "samples"]) == whole
    assert find_recorded([ONE], CONFIG, [tmp_path / "own", tmp_path / "samples"]) == whole[:1]


def test_runs_of_other_lengths_are_not_mixed(tmp_path: Path) -> None:
    train(tmp_path, [ONE], until=2, steps=2)
    train(tmp_path, [TWO])
    assert find_recorded([ONE, TWO], CONFIG, [tmp_path]) == []


def test_a_group_that_was_stopped_is_better_than_nothing(tmp_path: Path) -> None:
    stopped = train(tmp_path, [ONE, TWO], until=2)
    assert {RunFolder(path).info.state for path in stopped} == {"stopped"}
    assert find_recorded([ONE, TWO], CONFIG, [tmp_path]) == stopped


def test_a_run_of_fewer_steps_comes_after_one_that_is_long_enough(tmp_path: Path) -> None:
    whole = train(tmp_path / "samples", [ONE, TWO])
    short = train(tmp_path / "own", [ONE, TWO], until=2, steps=2)
    assert find_recorded([ONE, TWO], CONFIG, [tmp_path / "own", tmp_path / "samples"]) == whole
    assert find_recorded([ONE, TWO], CONFIG, [tmp_path / "own"]) == short, "it is better than nothing"
