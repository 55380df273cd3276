"""Loops that do more than the plain one: each is held against float64, or against the same loop without it."""

from __future__ import annotations

import copy
import itertools
import json
import math
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset

import resviz
from resviz.experiments.watch import Watch, WatchWarning
from resviz.experiments.watch_alerts import DEAD_STEPS, IN_A_ROW
from resviz.runs.folder import RunFolder
from resviz.runs.records import RunAlert
from resviz.training.slice_probe import SAMPLES
from tests.helpers.watched_loops import STEPS, batch, check_last, plain_loop, reference, rows_of, sgd, small


@pytest.fixture(autouse=True)
def _no_warnings() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("error", WatchWarning)
        yield


def compiled(model: nn.Module, backend: str) -> nn.Module:
    torch._dynamo.reset()
    made: nn.Module = torch.compile(model, backend=backend)  # type: ignore[assignment]
    return made


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_a_compiled_model_is_measured_as_float64_says(backend: str) -> None:
    model = small()
    trained = compiled(model, backend)
    optimizer = sgd(model)
    images, labels = batch(0, SAMPLES)
    expected = reference(model, images, labels)
    with (
        pytest.warns(WatchWarning, match="compiled. Its responses"),
        resviz.watch(trained, optimizer=optimizer) as watch,
    ):
        loss = functional.cross_entropy(trained(images), labels)
        loss.backward()
        statistics = {name: value.clone() for name, value in model.norm.state_dict().items()}
        drawn, gradient = torch.get_rng_state(), model.middle.weight.grad
        assert gradient is not None
        before = gradient.clone()
        watch.step(loss)
        assert torch.equal(gradient, before)
        assert torch.equal(torch.get_rng_state(), drawn)
        assert all(torch.equal(value, statistics[name]) for name, value in model.norm.state_dict().items())
        optimizer.step()
    check_last(rows_of(watch), expected)


def test_of_a_larger_batch_the_first_samples_are_measured_each_by_its_own_loss() -> None:
    model = small()
    model.norm.eval()
    trained = compiled(model, "eager")
    optimizer = sgd(model)
    with pytest.warns(WatchWarning, match="first 8 samples"), resviz.watch(trained, optimizer=optimizer) as watch:
        images, labels = batch(0, 3 * SAMPLES)
        loss = functional.cross_entropy(trained(images), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
    model = small()
    model.norm.eval()
    x = functional.relu(model.norm(model.conv(images[:SAMPLES])))
    second = model.middle(x)
    losses = functional.cross_entropy(model.head(second.relu().mean((2, 3))), labels[:SAMPLES], reduction="sum")
    (gradient,) = torch.autograd.grad(losses, [second])  # of each sample its own loss
    expected = float(gradient.norm()) / math.sqrt(SAMPLES)
    assert rows_of(watch)["response_gradient"][0, 1] == pytest.approx(expected, rel=1e-4)


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[None]:
    """A process group of this process alone."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.usefixtures("one_process")
@pytest.mark.parametrize("compiled_last", [False, True])
def test_a_compiled_model_may_be_within_ddp_or_around_it(compiled_last: bool) -> None:
    model = small()
    images, labels = batch(0, SAMPLES)
    expected = reference(model, images, labels)
    trained = (
        compiled(DistributedDataParallel(model), "eager")
        if compiled_last
        else DistributedDataParallel(compiled(model, "eager"))
    )
    optimizer = sgd(model)
    with pytest.warns(WatchWarning, match="is compiled"), resviz.watch(trained, optimizer=optimizer) as watch:
        loss = functional.cross_entropy(trained(images), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
    check_last(rows_of(watch), expected)
    assert watch.folder is not None
    assert [place.name for place in RunFolder(watch.folder).layers.layers] == ["conv", "middle", "head"]


class GivesItsLoss(nn.Module):
    """As models of transformers do."""

    def __init__(self) -> None:
        super().__init__()
        self.body = small()
        self.body.norm.eval()

    def forward(self, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        scores = self.body(x)
        return {"loss": functional.cross_entropy(scores, labels), "logits": scores}


def test_a_compiled_model_that_gives_its_loss_has_the_gradients_of_the_uncompiled_one() -> None:
    found = []
    for make in (lambda model: model, lambda model: compiled(model, "eager")):
        model = GivesItsLoss()
        trained: Any = make(model)
        optimizer = sgd(model)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The model is compiled")
            with resviz.watch(trained, optimizer=optimizer) as watch:
                loss = trained(*batch(0, SAMPLES))["loss"]
                loss.backward()
                watch.step(loss)
                optimizer.step()
        found.append(rows_of(watch))
    np.testing.assert_allclose(found[0]["response_gradient"], found[1]["response_gradient"], rtol=1e-5)


def test_gradients_before_and_behind_clipping_are_two_quantities() -> None:
    model = small()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer, clipped=True) as watch:
        for step in range(STEPS):
            images, labels = batch(step)
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            whole = [float(weight.grad.norm()) for weight in (model.conv.weight, model.head.weight)]  # type: ignore[union-attr]
            watch.step(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            cut = [float(weight.grad.norm()) for weight in (model.conv.weight, model.head.weight)]  # type: ignore[union-attr]
            optimizer.step()
            optimizer.zero_grad()
    rows = rows_of(watch)
    np.testing.assert_allclose(rows["weight_gradient"][-1][[0, 2]], whole, rtol=1e-5)
    np.testing.assert_allclose(rows["clipped_gradient"][-1][[0, 2]], cut, rtol=1e-5)
    assert (rows["clipped_gradient"] < rows["weight_gradient"]).all()


def test_several_optimizers_are_one_update() -> None:
    found = []
    for parts in (1, 2):
        model = small()
        weights = list(model.parameters())
        groups = [weights] if parts == 1 else [weights[:4], weights[4:]]
        optimizers = [torch.optim.SGD(group, 0.1) for group in groups]
        with resviz.watch(model, optimizer=optimizers) as watch:
            for step in range(STEPS):
                images, labels = batch(step)
                loss = functional.cross_entropy(model(images), labels)
                loss.backward()
                watch.step(loss)
                for optimizer in optimizers:
                    optimizer.step()
                    optimizer.zero_grad()
        found.append(rows_of(watch))
    for name in ("update_ratio", "weight_gradient", "response_gradient", "learning_rate"):
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-6, err_msg=name)


def test_parameter_groups_are_measured_by_what_their_own_rates_did() -> None:
    model = small()
    groups = [{"params": model.conv.parameters(), "lr": 0.0}, {"params": model.middle.parameters(), "lr": 0.5}]
    optimizer = torch.optim.SGD(groups, 0.1)
    with resviz.watch(model, optimizer=optimizer) as watch:
        plain_loop(model, watch, optimizer, 2)
    rows = rows_of(watch)
    assert (rows["update_ratio"][:, [0, 2]] == 0).all()
    assert (rows["update_ratio"][:, 1] > 0).all()
    assert list(rows["learning_rate"]) == [0.0, 0.0], "that of the first group"


def test_each_evaluation_of_a_closure_is_a_step() -> None:
    model = small()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
    images, labels = batch(0)
    losses: list[float] = []
    weights: list[Tensor] = []
    with resviz.watch(model, optimizer=optimizer) as watch:

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            watch.step(loss)
            losses.append(float(loss.detach()))
            weights.append(model.middle.weight.detach().clone())
            return loss

        optimizer.step(closure)
        weights.append(model.middle.weight.detach().clone())
    rows = rows_of(watch)
    assert len(losses) > 2
    np.testing.assert_allclose(rows["loss"], losses, rtol=1e-6)
    moved = [float((after - before).norm() / before.norm()) for before, after in itertools.pairwise(weights)]
    np.testing.assert_allclose(rows["update_ratio"][:, 1], moved, rtol=1e-4)


def test_a_function_that_makes_a_step_is_measured_at_the_optimizers_step() -> None:
    plain, model = small(), small()
    optimizer = sgd(plain)
    with resviz.watch(plain, optimizer=optimizer) as expected:
        plain_loop(plain, expected, optimizer)
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:

        @watch
        def train(images: Tensor, labels: Tensor) -> Tensor:
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            return loss

        assert train.__name__ == "train"
        for number in range(STEPS):
            assert train(*batch(number)).ndim == 0
    for name in ("loss", "update_ratio", "weight_gradient", "response_gradient"):
        np.testing.assert_allclose(rows_of(expected)[name], rows_of(watch)[name], rtol=1e-6, err_msg=name)


def test_without_its_optimizer_a_decorator_says_what_it_needs() -> None:
    watch = resviz.watch(small())
    with pytest.warns(WatchWarning, match="Give the watch its optimizer"):
        watch(print)
    watch.close()


def test_a_step_behind_the_optimizers_is_said_and_no_update_is_invented() -> None:
    model = small()
    optimizer = sgd(model)
    watch = resviz.watch(model, optimizer=optimizer)
    with pytest.warns(WatchWarning, match=r"Call step\(\) before the optimizer's step"):
        for step in range(STEPS):
            images, labels = batch(step)
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            watch.step(loss)
            optimizer.zero_grad()
        watch.close()
    rows = rows_of(watch)
    assert np.isnan(rows["update_ratio"]).all()
    assert np.isfinite(rows["response_gradient"]).all()


@pytest.mark.parametrize("layout", ["bfloat16", "channels last"])
def test_autocast_and_channels_last_are_measured_as_float64_says(layout: str) -> None:
    model = small()
    if layout == "channels last":
        model.to(memory_format=torch.channels_last)
    optimizer = sgd(model)
    images, labels = batch(0)
    expected = reference(model, images, labels)
    with resviz.watch(model, optimizer=optimizer) as watch:
        with torch.autocast("cpu", torch.bfloat16, enabled=layout == "bfloat16"):
            loss = functional.cross_entropy(model(images.to(memory_format=torch.channels_last)), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
    check_last(rows_of(watch), expected, rtol=0.05 if layout == "bfloat16" else 1e-4)


def test_two_models_are_two_runs_of_one_group(tmp_path: Path) -> None:
    torch.manual_seed(0)
    maker = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 5))
    critic = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))
    updates = [torch.optim.Adam(model.parameters(), 0.01) for model in (maker, critic)]
    watches = [
        resviz.watch(model, tmp_path, optimizer=optimizer, group="a gan")
        for model, optimizer in zip((maker, critic), updates, strict=True)
    ]
    for _step in range(3):
        updates[1].zero_grad()
        loss = critic(maker(torch.rand(4, 3)).detach()).mean() - critic(torch.rand(4, 5)).mean()
        loss.backward()
        watches[1].step(loss)
        updates[1].step()
        updates[0].zero_grad()
        loss = -critic(maker(torch.rand(4, 3))).mean()
        loss.backward()
        watches[0].step(loss)
        updates[0].step()
    for watch in watches:
        watch.close()
    runs = [RunFolder(watch.folder) for watch in watches if watch.folder]
    assert [run.info.group for run in runs] == ["a gan", "a gan"]
    for run in runs:
        rows = run.rows()
        assert list(rows["step"]) == [0, 1, 2]
        assert np.isfinite(rows["response_gradient"]).all()
        assert np.isfinite(rows["update_ratio"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_processes_that_load_data_do_not_end_the_run(start: str, recwarn: pytest.WarningsRecorder) -> None:
    model = small()
    optimizer = sgd(model)
    data = TensorDataset(*batch(0, 24))
    with resviz.watch(model, optimizer=optimizer) as watch:
        for images, labels in DataLoader(data, 8, num_workers=1, multiprocessing_context=start):
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    assert watch.folder is not None
    run = RunFolder(watch.folder)
    assert (run.info.state, list(run.rows()["step"])) == ("finished", [0, 1, 2])


class Deep(nn.Sequential):
    """Sigmoids in which a gradient vanishes."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        super().__init__(*(part for _ in range(8) for part in (nn.Linear(6, 6), nn.Sigmoid())), nn.Linear(6, 3))


def train_deep(steps: int, alerts: list[RunAlert]) -> Watch:
    model = Deep()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with resviz.watch(model, optimizer=optimizer, on_alert=alerts.append) as watch:
        for _step in range(steps):
            loss = functional.cross_entropy(model(torch.rand(4, 6)), torch.randint(3, (4,)))
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    return watch


def test_a_gradient_that_vanishes_is_said_once_with_its_first_step() -> None:
    alerts: list[RunAlert] = []
    with pytest.warns(WatchWarning, match="The gradient vanishes: a factor of"):
        watch = train_deep(IN_A_ROW + 5, alerts)
    assert [(alert.kind, alert.step) for alert in alerts] == [("vanishing", 0)]
    assert watch.folder is not None
    events = [json.loads(line) for line in (watch.folder / "events.jsonl").read_text().splitlines()]
    (kept,) = [event for event in events if event["event"] == "alert"]
    assert (kept["what"], kept["since"], kept["text"]) == ("vanishing", 0, alerts[0].text)
    assert RunFolder(watch.folder).info.alerts == tuple(alerts)


def test_before_so_many_steps_nothing_is_said() -> None:
    alerts: list[RunAlert] = []
    train_deep(IN_A_ROW - 1, alerts)
    assert alerts == []


def test_weights_that_stand_still_are_said_with_their_layers() -> None:
    model = small()
    groups = [{"params": model.conv.parameters(), "lr": 0.0}, {"params": model.head.parameters(), "lr": 0.1}]
    optimizer = torch.optim.SGD(groups)
    alerts: list[RunAlert] = []
    with (
        pytest.warns(WatchWarning, match="The weights of layers conv, middle stand still"),
        resviz.watch(model, optimizer=optimizer, on_alert=alerts.append) as watch,
    ):
        plain_loop(model, watch, optimizer, DEAD_STEPS + 1)
    assert [(alert.kind, alert.step, alert.layers) for alert in alerts] == [
        ("dead", DEAD_STEPS - 1, ("conv", "middle"))
    ]


def test_a_layer_that_is_frozen_on_the_way_is_no_broken_number() -> None:
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    alerts: list[RunAlert] = []
    with (
        pytest.warns(WatchWarning, match="The hooks of middle are gone"),
        pytest.warns(WatchWarning, match="middle have no gradient of their response any more"),
        resviz.watch(model, optimizer=optimizer, on_alert=alerts.append) as watch,
    ):
        plain_loop(model, watch, optimizer, 2)
        model.middle = nn.Conv2d(4, 4, 3)  # a model changed after it was watched
        plain_loop(model, watch, optimizer, IN_A_ROW)
    assert [(alert.kind, alert.layers) for alert in alerts] == [("silent", ("middle",))]


def test_hooks_that_are_taken_away_are_said_at_once() -> None:
    model = small()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        plain_loop(model, watch, optimizer, 2)
        model.middle._forward_hooks.clear()
        with pytest.warns(WatchWarning, match="The hooks of middle are gone"):
            plain_loop(model, watch, optimizer, 1)
    assert np.isfinite(rows_of(watch)["weight_gradient"]).all()


@pytest.mark.slow
def test_a_model_of_a_thousand_layers_is_watched() -> None:
    model = nn.Sequential(*(part for _ in range(1000) for part in (nn.Linear(4, 4), nn.ReLU())), nn.Linear(4, 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with resviz.watch(model, optimizer=optimizer) as watch:
        for _step in range(3):
            loss = model(torch.rand(4, 4)).square().mean()
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    assert rows_of(watch)["response_gradient"].shape == (3, 1001)


class Scalars:
    """What a SummaryWriter is asked for."""

    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[int, float]]] = {}

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        self.seen.setdefault(tag, []).append((step, value))


def test_a_logger_gets_the_same_numbers() -> None:
    model = small()
    optimizer = sgd(model)
    logger = Scalars()
    with resviz.watch(model, optimizer=optimizer, also=logger) as watch:
        for step in range(3):
            images, labels = batch(step)
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            watch.step(loss, temperature=torch.tensor(0.5 + step))
            optimizer.step()
            optimizer.zero_grad()
    rows = rows_of(watch)
    assert logger.seen["loss"] == [(step, float(rows["loss"][step])) for step in range(3)]
    assert logger.seen["response_gradient/middle"] == [
        (step, float(rows["response_gradient"][step, 1])) for step in range(3)
    ]
    assert logger.seen["temperature"] == [(0, 0.5), (1, 1.5), (2, 2.5)]
    assert not [tag for tag in logger.seen if tag.startswith("held_out")], "nothing was held out"


def test_a_watched_model_is_saved_and_copied_without_a_trace(tmp_path: Path) -> None:
    model = small()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        torch.save(model, tmp_path / "before.pt")
        plain_loop(model, watch, optimizer, 2)
        torch.save(model, tmp_path / "after.pt")
        twin = copy.deepcopy(model)
        twin(batch(0)[0])
        plain_loop(model, watch, optimizer, 1)
    for name in ("before.pt", "after.pt"):
        assert b"resviz.training" not in (tmp_path / name).read_bytes(), "it can be loaded without Resviz"
        loaded = torch.load(tmp_path / name, weights_only=False)
        assert loaded(batch(0)[0]).shape == (8, 3)
    assert len(rows_of(watch)["step"]) == 3


def test_the_learning_rate_is_the_one_that_the_step_was_made_with() -> None:
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1))
    optimizer.register_step_post_hook(lambda *_: schedule.step())
    with resviz.watch(model, optimizer=optimizer) as watch:
        plain_loop(model, watch, optimizer)
    np.testing.assert_allclose(rows_of(watch)["learning_rate"], [0.1, 0.05, 0.1 / 3, 0.025])


def test_the_wrong_model_is_said_and_no_run_is_written() -> None:
    model = small()
    optimizer = sgd(model)
    watch = resviz.watch(small(1), optimizer=optimizer)
    with pytest.warns(WatchWarning, match="The watched model was not called before step 0") as said:
        plain_loop(model, watch, optimizer, 3)
        watch.close()
    assert len(said) == 1
    assert Path(said[0].filename).name == "watched_loops.py", "a warning names the line of the loop"
    assert watch.folder is None


def test_what_is_no_model_and_no_loss_is_said_in_a_line() -> None:
    model = small()
    optimizer = sgd(model)
    with pytest.raises(TypeError, match=r"a torch.nn.Module, and not SGD"):
        resviz.watch(optimizer)  # type: ignore[arg-type]
    with resviz.watch(model, optimizer=optimizer) as watch:
        images, labels = batch(0)
        scores = model(images)
        functional.cross_entropy(scores, labels).backward()
        with pytest.warns(WatchWarning, match="The loss is not one number"):
            watch.step(scores)
        optimizer.step()
    rows = rows_of(watch)
    assert np.isnan(rows["loss"]).all()
    assert np.isfinite(rows["response_gradient"]).all()


SPREAD = """
import sys, torch, resviz
from torch import nn
rank, world, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
images = torch.rand(8, 4)
if world > 1:
    from torch.distributed.fsdp import fully_shard
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}.store", rank=rank, world_size=world)
    mesh = torch.distributed.init_device_mesh("cpu", (world,))
    for part in (model[0], model[2]):
        fully_shard(part, mesh=mesh)
    fully_shard(model, mesh=mesh)
optimizer = torch.optim.SGD(model.parameters(), 0.1)
part = images[rank * 8 // world : (rank + 1) * 8 // world]
with resviz.watch(model, folder, optimizer=optimizer) as watch:
    for step in range(3):
        loss = model(part).square().mean()
        loss.backward(); watch.step(loss); optimizer.step(); optimizer.zero_grad()
if world > 1:
    torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_weights_spread_over_two_processes_are_measured_as_a_whole(tmp_path: Path) -> None:
    found = []
    for world in (1, 2):
        folder = tmp_path / str(world)
        processes = [
            subprocess.Popen([sys.executable, "-W", "ignore", "-c", SPREAD, str(rank), str(world), str(folder)])
            for rank in range(world)
        ]
        assert [process.wait(120) for process in processes] == [0] * world
        (run,) = folder.iterdir()
        found.append(RunFolder(run).rows())
        assert [place.name for place in RunFolder(run).layers.layers] == ["0", "2"]
    for name in ("weight_gradient", "update_ratio"):
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-5, err_msg=name)
    assert np.isfinite(found[1]["response_gradient"]).all()


def test_flat_weights_are_refused_in_a_line_and_the_training_goes_on(tmp_path: Path) -> None:
    from torch.distributed.fsdp import FullyShardedDataParallel

    place = (tmp_path / "store").as_uri()
    torch.distributed.init_process_group("gloo", init_method=place, rank=0, world_size=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = FullyShardedDataParallel(small(), device_id=torch.device("cpu"))
        with pytest.warns(WatchWarning, match=r"FSDP1.*fully_shard") as found:
            watch = resviz.watch(model, tmp_path / "runs", optimizer=(optimizer := sgd(model)))
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", category=FutureWarning)
                plain_loop(model, watch, optimizer)
            watch.close()
        assert len([one for one in found if one.category is WatchWarning]) == 1
        assert watch.folder is None
    finally:
        torch.distributed.destroy_process_group()
