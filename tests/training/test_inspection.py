"""What is shown of an image's way is what the net computes, and the mistakes are those that it makes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from resviz.base.errors import RunError
from resviz.experiments.inspection import MISTAKES, OTHERS, inspect_run
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.training.data.images import load
from resviz.training.inspection import MAPS, answer_all, inspect
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer
from tests.helpers.command_line import resviz

CONFIG = TrainConfig(data="digits16", batch=32, steps=10, learning_rate=0.05, init="he", evaluate_every=0)


def trained(net: str, steps: int = 10, data: str = "digits16") -> Trainer:
    config = CONFIG.model_copy(update={"data": data})
    trainer = Trainer(build(config.fitted(catalogue.find(net))), config, load(data, config.seed))
    for _ in range(steps):
        trainer.step()
    return trainer


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return trained("cifar-resnet20")


def test_the_answers_have_the_error_and_the_loss_of_an_evaluation(trainer: Trainer) -> None:
    answers = answer_all(trainer)
    loss, error = trainer.evaluate()
    assert float((answers.answers != answers.labels).mean()) == error
    assert float(answers.losses.mean()) == pytest.approx(loss, rel=1e-5)
    confusion = answers.confusion(10)
    assert confusion.sum() == len(answers.labels)
    assert 1 - confusion.trace() / confusion.sum() == pytest.approx(error)
    for label in range(10):
        assert confusion[label].sum() == (answers.labels == label).sum()
    worst = answers.worst(5)
    assert len(worst) == 5
    wrong = answers.losses[answers.answers != answers.labels]
    assert answers.losses[worst].tolist() == sorted(wrong.tolist(), reverse=True)[:5]


def test_the_maps_are_those_of_the_net_and_the_probabilities_its_softmax(trainer: Trainer) -> None:
    found = inspect(trainer, 7)
    assert found.label == int(trainer.data.held_out_labels[7])
    assert found.image.shape == (1, 16, 16)
    assert 0 <= found.image.min() < found.image.max() <= 1
    module = trainer.module.eval()
    inputs = trainer.prepared(trainer.data.held_out_images[7:8])
    with torch.no_grad():
        expected = module(inputs).softmax(1)[0].numpy()
    assert found.probabilities == pytest.approx(expected, abs=1e-6)
    assert found.answer == int(expected.argmax())
    assert [stage.stage for stage in found.stages] == ["filters", "conv1", "conv2_x", "conv3_x", "conv4_x"]
    assert [stage.shape for stage in found.stages[1:]] == ["16×16×16", "16×16×16", "32×8×8", "64×4×4"]
    kept: list[torch.Tensor] = []
    handle = module.get_submodule("layer2.2.relu2").register_forward_hook(lambda _m, _i, out: kept.append(out))
    with torch.no_grad():
        module(inputs)
    handle.remove()
    assert found.stages[3].layer == "layer2.2.relu2"
    assert np.array_equal(found.stages[3].maps, kept[0][0, :MAPS].numpy())
    weight = trainer.module.state_dict()["conv1.weight"]
    assert found.stages[0].maps == pytest.approx(weight[:MAPS].mean(1).numpy())


@pytest.mark.parametrize("net", ["lenet5", "mlp5", "cifar-preresnet20", "cifar-highway20", "cifar-fractalnet20"])
def test_nets_of_every_family_can_be_looked_into(net: str) -> None:
    trainer = trained(net, steps=1, data="digits")
    found = inspect(trainer, 0)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert all(len(stage.maps) <= MAPS and stage.maps.ndim == 3 for stage in found.stages)
    assert all(stage.maps.base is None or stage.maps.base.size <= 8 * stage.maps.size for stage in found.stages[1:])


def test_looking_changes_nothing(trainer: Trainer) -> None:
    before = {name: value.clone() for name, value in trainer.state_dict().items()}
    inspect(trainer, 0)
    answer_all(trainer)
    for name, value in trainer.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_run_is_looked_into_mistakes_first_and_can_be_stopped(tmp_path: Path) -> None:
    arguments = ("train", "lenet5", "--data", "digits", "--steps", "20", "--batch", "32", "--out", str(tmp_path))
    assert resviz(*arguments, check=True)
    (folder,) = (path for path in tmp_path.iterdir() if (path / "run.json").exists())
    told: list[float] = []

    def go_on(share: float) -> bool:
        told.append(share)
        return True

    found = inspect_run(folder, go_on)
    assert all(image.answer != image.label for image in found.mistakes)
    assert all(image.answer == image.label for image in found.others)
    assert 0 < len(found.mistakes) <= MISTAKES
    assert len(found.others) <= OTHERS
    assert told == sorted(told)
    assert told[-1] == 1
    with pytest.raises(RunError, match="stopped"):
        inspect_run(folder, lambda share: False)
