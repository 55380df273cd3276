"""The learning rate during a training: plateaus, changes by hand, and both after a resume."""

from pathlib import Path

import numpy as np
import pytest
import torch

from resviz.base.errors import DataError, RecipeError
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
