"""An ensemble is the mean of its members' probabilities, on images that none of them was trained on."""

from pathlib import Path

import numpy as np
import pytest

from resviz.base.errors import RunError
from resviz.experiments.ensemble import MemberAnswers, ensemble_error, member_answers
from resviz.experiments.session import Session
from resviz.experiments.trained_nets import load_trained
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.training.recipe import TrainConfig


def train(folder: Path, seed: int, split_seed: int = 0) -> Path:
    config = TrainConfig(
        data="digits", batch=64, steps=25, evaluate_every=0, seed=seed, split_seed=split_seed, learning_rate=0.02
    )
    with Session(TrainingPlan([catalogue.find("lenet5")], config, folder)) as session:
        for _ in session.steps():
            pass
        session.close()
        return session.recording.writers[0].folder


def test_it_errs_where_the_mean_of_the_members_probabilities_errs(tmp_path: Path) -> None:
    folders = [train(tmp_path, seed) for seed in (1, 2, 3)]
    members = [member_answers(folder, lambda _share: True) for folder in folders]
    trainers = [load_trained(RunFolder(folder)) for folder in folders]
    data = trainers[0].data
    wrong = 0
    for image, label in zip(data.held_out_images, data.held_out_labels, strict=True):
        total = np.zeros(10)
        for trainer in trainers:
            trainer.module.eval()
            total += trainer.module(trainer.prepared(image[None])).softmax(1)[0].detach().double().numpy()
        wrong += int(total.argmax()) != int(label)
    assert ensemble_error(members) == pytest.approx(wrong / len(data.held_out_labels))
    for member, trainer in zip(members, trainers, strict=True):
        assert member.error == pytest.approx(trainer.evaluate()[1])
        assert member.error == pytest.approx(RunFolder(tmp_path / member.run).info.error)
    assert len({member.error for member in members}) > 1, "other seeds are other nets"


def test_nets_with_other_held_out_images_are_refused(tmp_path: Path) -> None:
    members = [member_answers(train(tmp_path, seed, -1), lambda _share: True) for seed in (1, 2)]
    with pytest.raises(RunError, match="different held-out images.*--split-seed 0"):
        ensemble_error(members)


def test_one_net_is_no_ensemble() -> None:
    member = MemberAnswers("run", "net", "plain", np.eye(3), np.arange(3), b"")
    with pytest.raises(RunError, match="two nets or more"):
        ensemble_error([member])


def test_it_stops_when_it_is_told_to(tmp_path: Path) -> None:
    folder = train(tmp_path, 0)
    with pytest.raises(RunError, match="stopped"):
        member_answers(folder, lambda _share: False)
