"""Training is reproducible, resumable, fair between two nets, and learns."""

import gc
import math
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from resviz.analysis.claims.facts import facts
from resviz.base.errors import DataError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import validate
from resviz.training.activation_probes import _histogram
from resviz.training.data.batches import Batches
from resviz.training.data.images import load
from resviz.training.initialization import initialize
from resviz.training.modules import to_module
from resviz.training.probes import select_quantities
from resviz.training.recipe import TrainConfig
from resviz.training.recorder import CAPACITY, StepInterrupted
from resviz.training.trainer import Trainer

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(data="digits16", batch=32, steps=40, seed=3, evaluate_every=0)


def _trainer(name: str = "cifar-resnet20", config: TrainConfig = CONFIG, **options: str) -> Trainer:
    return Trainer(
        build(config.fitted(catalogue.find(name)).with_options(**options)), config, load(config.data, config.seed)
    )


def test_a_run_repeats_bit_by_bit() -> None:
    first, second = _trainer(), _trainer()
    for _ in range(4):
        first.step()
        second.step()
    a, b = first.drain(), second.drain()
    assert all((a[name][:4].tobytes() == b[name][:4].tobytes()) for name in a)


@pytest.mark.parametrize("name", ["cifar-resnet20", "vgg11"])
def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(name: str) -> None:
    config = CONFIG.model_copy(update={"data": "digits", "milestones": (3,), "learning_rate": 0.01})
    whole, before, after = (_trainer(name, config) for _ in range(3))
    for _ in range(4):
        whole.step()
    for _ in range(2):
        before.step()
    after.load_state_dict(before.state_dict())
    assert after.step_count == 2
    for _ in range(2):
        after.step()
    for key, value in whole.state_dict().items():
        assert torch.equal(value, after.state_dict()[key]), key


def test_a_state_of_another_net_is_refused_by_name() -> None:
    with pytest.raises(RuntimeError, match=r"layer3\.3\.conv1\.weight"):
        _trainer("cifar-resnet20").load_state_dict(_trainer("cifar-resnet26").state_dict())


def test_equal_layers_of_two_nets_start_equal() -> None:
    plain, residual = _trainer("cifar-plain20"), _trainer("cifar-resnet20")
    ours = dict(residual.module.named_parameters())
    for name, parameter in plain.module.named_parameters():
        assert torch.equal(parameter, ours[name]), name
    assert not torch.equal(ours["layer1.0.conv1.weight"], ours["layer1.0.conv2.weight"])


def test_two_nets_of_one_seed_see_the_same_batches() -> None:
    data = load("digits16", 3)
    a, b = Batches(data, 32, 3), Batches(data, 32, 3)
    for step in (0, 1, 45, 46, 47, 100, 0):
        assert torch.equal(a.at(step)[1], b.at(step)[1])
    assert not torch.equal(a.at(0)[0], Batches(data, 32, 4).at(0)[0])


def test_an_epoch_shows_each_image_at_most_once() -> None:
    data = load("digits16", 0)
    batches = Batches(data, 64, 0)
    epoch = torch.cat([batches.at(step)[0] for step in range(1500 // 64)]).flatten(1)
    assert len(torch.unique(epoch, dim=0)) == len(torch.unique(data.images.flatten(1), dim=0)) or len(epoch) < 1500
    assert not torch.equal(batches.at(0)[0], batches.at(1500 // 64)[0])


def test_a_batch_larger_than_the_data_is_refused() -> None:
    with pytest.raises(DataError, match="batch: 2000 is larger than the 1500 training images"):
        _trainer(config=CONFIG.model_copy(update={"batch": 2000}))


def test_a_residual_net_with_batch_normalisation_learns_the_digits() -> None:
    trainer = _trainer(config=CONFIG.model_copy(update={"batch": 64}))
    before = trainer.evaluate()
    for _ in trainer.steps():
        if trainer.is_full:
            trainer.drain()
    loss, error = trainer.evaluate()
    assert before[1] > 0.8
    assert error < 0.35
    assert loss < before[0]


def test_the_lectures_case_without_normalisation_the_plain_nets_gradient_falls_seven_decades() -> None:
    config = CONFIG.model_copy(update={"init": "torch", "batch": 64})
    falls = {}
    for name in ("cifar-plain20", "cifar-resnet20"):
        for norm in ("none", "batch"):
            trainer = _trainer(name, config, norm=norm)
            trainer.step()
            gradient = trainer.drain()["response_gradient"][0]
            falls[name, norm] = gradient[-2] / gradient[0]
    assert falls["cifar-plain20", "none"] > 1e7
    assert falls["cifar-resnet20", "none"] < 10
    assert falls["cifar-plain20", "batch"] < 10


def test_a_recorder_that_nobody_drains_says_so() -> None:
    trainer = _trainer("cifar-plain20")
    for _ in range(CAPACITY):
        trainer.step()
    assert trainer.is_full
    with pytest.raises(RuntimeError, match="call drain"):
        trainer.step()


def test_the_learning_rate_is_divided_by_ten_at_each_milestone() -> None:
    recipe = TrainConfig()
    assert [recipe.learning_rate_at(step) for step in (0, 31_999)] == [0.1, 0.1]
    assert recipe.learning_rate_at(32_000) == pytest.approx(0.01)
    assert recipe.learning_rate_at(48_000) == pytest.approx(0.001)


def test_the_recipes_defaults_are_section_4_2s() -> None:
    paper, recipe = facts("resnet")["recipe"]["cifar"], TrainConfig()
    assert recipe.batch == paper["batch"]
    assert recipe.learning_rate == float(paper["learning_rate"])
    assert recipe.momentum == float(paper["momentum"])
    assert recipe.weight_decay == float(paper["weight_decay"])
    assert list(recipe.milestones) == paper["milestones"]
    assert (recipe.init, paper["init"]) == ("he", "He et al. 2015")


def test_a_state_from_before_the_first_step_takes_the_momentum_away() -> None:
    fresh, used = _trainer("cifar-plain20"), _trainer("cifar-plain20")
    used.step()
    used.load_state_dict(fresh.state_dict())
    fresh.step()
    used.step()
    for key, value in fresh.state_dict().items():
        assert torch.equal(value, used.state_dict()[key]), key


@pytest.mark.parametrize(
    ("init", "deviation"),
    [("he", (2 / 576) ** 0.5), ("xavier", (2 / 1152) ** 0.5), ("normal", 0.01), ("torch", (1 / 576 / 3) ** 0.5)],
)
def test_first_weights_have_the_deviation_of_their_paper(init: str, deviation: float) -> None:
    graph = build(catalogue.find("cifar-resnet20"))
    module = to_module(graph)
    initialize(module, graph, TrainConfig(init=init))
    weight = module.get_submodule("layer3.1.conv1").weight.detach()  # type: ignore[operator]  # 64 channels to 64, 3x3: fan_in 576
    assert float(weight.std()) == pytest.approx(deviation, rel=0.02)
    assert abs(float(weight.mean())) < deviation / 20


def test_torch_init_is_what_torch_does_by_itself() -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Conv2d(16, 4000, 3).weight.detach()
    graph = build(validate({"input": "16x8x8", "stages": ["3x3,4000"], "unit": "plain", "norm": "none"}))
    module = to_module(graph)
    initialize(module, graph, TrainConfig(init="torch"))
    ours = module.get_submodule("layer1.0.conv1").weight.detach()  # type: ignore[operator]
    assert float(ours.abs().max()) == pytest.approx(float(theirs.abs().max()), rel=1e-3)
    assert float(ours.std()) == pytest.approx(float(theirs.std()), rel=1e-2)


def test_a_highways_gates_start_where_its_spec_says() -> None:
    graph = build(catalogue.find("cifar-highway20").with_options(gate_bias=-3))
    for init in ("torch", "he"):
        module = to_module(graph)
        initialize(module, graph, TrainConfig(init=init))
        assert (module.get_submodule("layer1.0.gate1").bias == -3).all()  # type: ignore[union-attr]
        assert not (module.get_submodule("layer1.0.conv1").bias == -3).any()  # type: ignore[union-attr]


def test_digits_are_split_by_the_seed_and_normalised() -> None:
    a, b, again = load("digits", 0), load("digits", 1), load("digits", 0)
    assert a.images.shape == (1500, 1, 32, 32)
    assert a.held_out_images.shape == (297, 1, 32, 32)
    assert torch.equal(a.labels, again.labels)
    assert not torch.equal(a.labels, b.labels)
    images = a.normalised(a.images)
    assert abs(float(images.mean())) < 1e-4
    assert float(images.std()) == pytest.approx(1, abs=1e-3)
    assert sorted(torch.cat([a.labels, a.held_out_labels]).tolist()) == sorted(
        torch.cat([b.labels, b.held_out_labels]).tolist()
    )


def test_an_interrupted_step_leaves_the_net_as_it_was() -> None:
    """Given up in the middle of forward, and of backward: what a stop in a step of many seconds does."""
    for calls in (5, 25):
        trainer, untouched = _trainer(), _trainer()
        trainer.step()
        untouched.step()
        passed = 0
        check = trainer._recorder.check

        def count(within_step=False, check=check, trainer=trainer, calls=calls) -> None:  # type: ignore[no-untyped-def]
            nonlocal passed
            passed += 1
            if passed == calls:
                trainer.interrupt()
            check(within_step)

        trainer._recorder.check = count  # type: ignore[method-assign]
        with pytest.raises(StepInterrupted):
            trainer.step()
        assert passed == calls
        assert trainer.step_count == 1
        for key, value in untouched.state_dict().items():
            assert torch.equal(value, trainer.state_dict()[key]), key
        assert len(trainer.drain()["step"]) == 1


@pytest.mark.parametrize("name", ["cifar-resnet20", "cifar-highway20"])
def test_a_step_that_is_captured_computes_what_the_plain_step_does(name: str) -> None:
    """Where there is no GPU the same work is run from the same buffers, so that its logic is tested everywhere."""
    config = CONFIG.model_copy(update={"histogram_every": 2})
    plain, captured = (_trainer(name, config.model_copy(update={"capture": capture})) for capture in (False, True))
    for _ in range(5):
        plain.step()
        captured.step()
    a, b = plain.drain(), captured.drain()
    for quantity, values in a.items():
        assert values.tobytes() == b[quantity].tobytes(), quantity
    captured.load_state_dict(plain.state_dict())
    captured.step()


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": "channels-last"},
        {"precision": "bfloat16"},
        {"precision": "tf32"},
        {"optimizer": "adam", "learning_rate": 0.001},
        {"optimizer": "nesterov"},
        {"schedule": "cosine"},
        {"warm_up_steps": 3},
        {"momentum": 0.0},
        {"augmentation": "crop-flip"},
    ],
)
def test_every_setting_of_the_recipe_trains_resumes_and_repeats(changes: dict[str, object]) -> None:
    config = CONFIG.model_copy(update={**changes, "steps": 8})
    first, second = _trainer(config=config), _trainer(config=config)
    for _ in range(3):
        first.step()
    second.load_state_dict(first.state_dict())
    for _ in range(2):
        first.step()
        second.step()
    a, b = first.drain(), second.drain()
    assert np.isfinite(a["loss"]).all()
    assert a["loss"][3:].tolist() == b["loss"].tolist()
    assert (a["response"] > 0).all()
    assert (a["update_ratio"] > 0).all()
    first.close()
    second.close()


def test_precision_and_layout_change_digits_and_no_more() -> None:
    whole = _trainer()
    whole.step()
    expected = whole.drain()
    for changes in ({"layout": "channels-last"}, {"precision": "bfloat16"}):
        other = _trainer(config=CONFIG.model_copy(update=changes))
        other.step()
        rows = other.drain()
        assert rows["loss"] == pytest.approx(expected["loss"], rel=0.02)
        assert rows["response"] == pytest.approx(expected["response"], rel=0.02)


def test_the_learning_rate_is_section_4_2s() -> None:
    config = TrainConfig(steps=64_000, warm_up_steps=400)
    rates = [config.learning_rate_at(step) for step in (0, 399, 400, 31_999, 32_000, 48_000, 63_999)]
    assert rates == pytest.approx([0.01, 0.01, 0.1, 0.1, 0.01, 0.001, 0.001])
    cosine = TrainConfig(steps=100, schedule="cosine")
    assert cosine.learning_rate_at(0) == pytest.approx(0.1)
    assert cosine.learning_rate_at(50) == pytest.approx(0.05)
    assert TrainConfig(schedule="constant").learning_rate_at(60_000) == 0.1


def test_a_checkpoint_of_channels_last_weights_reads_back_as_it_was(tmp_path: Path) -> None:
    """safetensors writes memory as it lies: a checkpoint is copied into the plain order first."""
    trainer = _trainer(config=CONFIG.model_copy(update={"layout": "channels-last"}))
    trainer.step()
    state = trainer.state_dict()
    save_file({name: np.asarray(value) for name, value in state.items()}, tmp_path / "state")
    for name, value in load_file(tmp_path / "state").items():
        assert np.array_equal(value, state[name].numpy()), name


@pytest.mark.parametrize("scale", [1e-30, 1e-24, 1e-3, 1.0, 1e20])
def test_a_histogram_is_right_whatever_the_size_of_the_outputs(scale: float) -> None:
    some = torch.relu(torch.randn(8, 500, generator=torch.Generator().manual_seed(0))) * scale
    of_ones = torch.relu(torch.randn(8, 500, generator=torch.Generator().manual_seed(0)))
    assert _histogram(some, None).numpy() == pytest.approx(_histogram(of_ones, None).numpy(), abs=1e-3)
    some[0, 0] = math.nan
    assert torch.isnan(_histogram(some, None)).all()


def test_a_net_of_too_many_nonlinearities_has_no_empty_histograms() -> None:
    deep = build(catalogue.find("cifar-resnet110"))
    names = {quantity.name for quantity in select_quantities(deep, TrainConfig())}
    assert "activation_histogram" not in names
    assert "saturation" in names
    shallow = build(catalogue.find("cifar-resnet20"))
    assert "activation_histogram" in {quantity.name for quantity in select_quantities(shallow, TrainConfig())}
    without = select_quantities(shallow, TrainConfig(histogram_every=0))
    assert "activation_histogram" not in {quantity.name for quantity in without}


def test_a_closed_training_leaves_no_memory_behind() -> None:
    """Garbage is collected rarely, and a net of 1202 layers is large: it is gone with its last reference."""
    gc.collect()
    gc.disable()
    try:
        trainer = _trainer()
        trainer.step()
        trainer.close()
        gone = [weakref.ref(thing) for thing in (trainer.module, next(trainer.module.parameters()), trainer.data)]
        del trainer
        assert [ref() for ref in gone] == [None, None, None]
    finally:
        gc.enable()
