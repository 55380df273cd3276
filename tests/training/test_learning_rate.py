"""The learning rate during a training: plateaus, changes by hand, and both after a resume."""

from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from resviz.base.errors import DataError, RecipeError
from resviz.cli import app
from resviz.experiments.recorded_runs import find_recorded
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.runs.folder import RunFolder
from resviz.training.data.batches import Batches
from resviz.training.data.images import load
from resviz.training.learning_rate import LearningRate
from resviz.training.recipe import TrainConfig, validate_recipe
from resviz.training.recipe_presets import find_preset, presets
from resviz.training.recorder import StepInterrupted
from resviz.training.trainer import Trainer

SMALL = catalogue.find("lenet5")


def recipe(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({"data": "digits", "batch": 32, "steps": 12, "evaluate_every": 2} | changes)


@pytest.mark.parametrize("patience", [1, 3])
@pytest.mark.parametrize("errors", [[0.5, 0.4, 0.4, 0.41, 0.42, 0.39, 0.4, 0.4, 0.4, 0.4], [0.1] * 10, [0.9, 0.8, 0.7]])
def test_a_plateau_is_that_of_torchs_own_scheduler(patience: int, errors: list[float]) -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], 0.1)
    # torch waits until the patience is exceeded, we until it is reached
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.1, patience=patience - 1, threshold=0, eps=0
    )
    ours = LearningRate(recipe(schedule="plateau", patience=patience, learning_rate=0.1))
    for step, error in enumerate(errors):
        theirs.step(error)
        ours.observe(error)
        assert ours.at(step) == pytest.approx(optimizer.param_groups[0]["lr"])


def test_other_schedules_know_no_plateau() -> None:
    rate = LearningRate(recipe(schedule="constant", patience=1))
    for _ in range(5):
        rate.observe(0.5)
    assert rate.at(10) == 0.1
    assert rate.state_dict() == {}


def test_a_rate_set_by_hand_is_divided_by_the_milestones_that_follow() -> None:
    rate = LearningRate(recipe(schedule="milestones", milestones=(5,), learning_rate=0.1))
    rate.change(2, 0.04)
    assert [rate.at(step) for step in (2, 4, 5)] == pytest.approx([0.04, 0.04, 0.004])


def test_a_rate_set_during_warm_up_ends_the_warm_up() -> None:
    rate = LearningRate(recipe(schedule="constant", warm_up_steps=4, warm_up_rate=0.01, learning_rate=0.1))
    assert [rate.at(step) for step in (0, 3, 4)] == [0.01, 0.01, 0.1]
    rate.change(2, 0.02)
    assert [rate.at(step) for step in (2, 3, 4, 9)] == pytest.approx([0.02] * 4)


def test_a_rate_set_at_the_end_of_a_cosine_changes_nothing() -> None:
    rate = LearningRate(recipe(schedule="cosine", steps=10))
    rate.change(10, 0.5)
    assert rate.at(10) == 0
    assert rate.state_dict() == {}


def test_a_plateau_of_thousands_of_measurements_divides_to_a_limit_and_can_be_loaded() -> None:
    rate = LearningRate(recipe(schedule="plateau", patience=1))
    for _ in range(2000):
        rate.observe(0.0)
    assert 1e-10 < rate.at(0) < 1e-8
    other = LearningRate(recipe(schedule="plateau", patience=1))
    other.load_state_dict(rate.state_dict())
    assert other.at(0) == rate.at(0)


def test_a_step_that_is_interrupted_does_not_count_its_measurement_twice() -> None:
    config = recipe(schedule="plateau", patience=2, evaluate_every=1)
    trainer = Trainer(build(config.fitted(SMALL)), config, load("digits", 0))
    trainer.step()
    before = trainer.learning_rate.state_dict()["learning_rate"].tolist()
    trainer.interrupt()
    with pytest.raises(StepInterrupted):
        trainer.step()
    assert trainer.learning_rate.state_dict()["learning_rate"].tolist() == before
    trainer.close()


def test_a_state_that_is_none_is_refused() -> None:
    rate = LearningRate(recipe())
    with pytest.raises(RuntimeError, match="learning_rate"):
        rate.load_state_dict({"learning_rate": torch.tensor([0.0, 1.0])})


def test_a_plateau_needs_held_out_errors() -> None:
    with pytest.raises(RecipeError, match="evaluate every"):
        validate_recipe({"schedule": "plateau", "evaluate_every": 0})


def train(plan: TrainingPlan, until: int, change_at: int | None = None) -> Path:
    with Session(plan) as session:
        for update in session.steps():
            if update.steps == change_at:
                session.set_learning_rate(0.003)
            if update.steps == until:
                break
        session.close()
        return session.recording.writers[0].folder


@pytest.mark.parametrize("schedule", ["plateau", "milestones"])
def test_a_run_whose_rate_was_changed_resumes_as_if_it_had_never_stopped(tmp_path: Path, schedule: str) -> None:
    config = recipe(schedule=schedule, patience=1, milestones=(9,), learning_rate=0.05)
    whole = RunFolder(train(TrainingPlan([SMALL], config, tmp_path / "whole"), 12, change_at=4))
    folder = train(TrainingPlan([SMALL], config, tmp_path / "parts"), 7, change_at=4)
    train(resume_plan([folder]), 12)
    parts = RunFolder(folder)
    assert np.array_equal(whole.rows()["learning_rate"], parts.rows()["learning_rate"])
    assert whole.rows()["learning_rate"][4] == pytest.approx(0.003)
    for name, value in whole.checkpoint().items():
        assert np.array_equal(value, parts.checkpoint()[name]), name
    assert '"event": "learning rate"' in (folder / "events.jsonl").read_text()
    assert parts.info.rate_changed
    assert find_recorded([SMALL], config, [folder.parent]) == [], "its recipe alone does not make it again"


def test_training_images_are_the_first_of_a_permutation_of_all() -> None:
    every = load("digits16", 0)
    some = every.limited(100, 3)
    assert len(some.images) == len(some.labels) == 100
    assert torch.equal(some.held_out_images, every.held_out_images)
    assert torch.equal(every.limited(50, 3).images, some.images[:50])
    assert not torch.equal(every.limited(100, 4).images, some.images)
    found = {image.numpy().tobytes() for image in every.images}
    assert all(image.numpy().tobytes() in found for image in some.images)
    assert every.limited(0, 3) is every
    with pytest.raises(DataError, match="more than the 1500"):
        every.limited(1501, 0)


def test_a_trainer_sees_no_other_images_than_its_training_images() -> None:
    graph = build(recipe().fitted(SMALL))
    trainer = Trainer(graph, recipe(training_images=40), load("digits", 0))
    assert len(trainer.data.images) == 40
    trainer.close()


def test_crop_moves_images_and_mirrors_none() -> None:
    data = load("digits16", 0)
    plain, moved = (Batches(data, 32, 0, augmentation).at(5)[0] for augmentation in ("none", "crop"))
    padded = torch.nn.functional.pad(plain, (4,) * 4)
    for number, image in enumerate(moved):
        windows = padded[number].unfold(1, 16, 1).unfold(2, 16, 1)[0]
        assert (windows == image[0]).all(-1).all(-1).any(), "each image is a window of the padded one"
    assert not torch.equal(plain, moved)


@pytest.mark.parametrize("name", presets())
def test_a_preset_gives_a_valid_recipe_and_keeps_what_the_paper_does_not_print(name: str) -> None:
    before = recipe(seed=7)
    after = find_preset(name).apply(before)
    assert find_preset(name).fits(after)
    assert (after.data, after.seed, after.steps) == (before.data, 7, 12)


def test_presets_have_the_values_of_the_facts() -> None:
    from resviz.analysis.claims.facts import facts

    printed = {
        "resnet-imagenet": facts("resnet")["recipe"]["imagenet"],
        "resnet-cifar": facts("resnet")["recipe"]["cifar"],
        "alexnet": facts("classics")["alexnet"]["recipe"],
    }
    for name, values in printed.items():
        preset = find_preset(name).values
        shared = {"momentum", "weight_decay", "batch", "learning_rate", "milestones"} & set(values)
        assert len(shared) >= 4
        assert {key: preset[key] for key in shared} == {key: values[key] for key in shared if key in preset} | {
            key: float(values[key]) for key in shared if key != "milestones"
        }


def test_an_unknown_preset_names_the_others() -> None:
    with pytest.raises(RecipeError, match="alexnet"):
        find_preset("resnet")


def test_the_command_takes_a_preset_and_what_is_given_beside_it(tmp_path: Path) -> None:
    options = ["--data", "digits", "--steps", "2", "--batch", "32", "--out", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, ["train", "lenet5", "--preset", "vgg", *options])
    assert done.exit_code == 0, done.output
    found = RunFolder(next(tmp_path.iterdir())).info.recipe
    assert (found["batch"], found["learning_rate"], found["init_std"], found["schedule"]) == (32, 0.01, 0.1, "plateau")
    assert "preset" not in CliRunner().invoke(app, ["sweep", "--help"]).output


def test_a_run_counts_epochs_of_the_images_that_it_is_trained_on(tmp_path: Path) -> None:
    config = recipe(training_images=96, steps=2)
    run = RunFolder(train(TrainingPlan([SMALL], config, tmp_path), 2))
    assert run.info.epoch_steps == 3


@pytest.mark.parametrize("milestones", [(0, 5), (0,), (-3, 2), (5, 5), (7, 5)])
def test_milestones_count_from_1_and_upwards(milestones: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Use steps from 1 on, each larger"):
        recipe(schedule="milestones", milestones=milestones)
