"""A model is watched in anybody's own loop: equal to our trainer and to float64, whatever the loop does around it."""

from __future__ import annotations

import math
import re
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

import resviz
from resviz.analysis.counts import count
from resviz.base.errors import ResvizError
from resviz.experiments.watch import Watch, WatchWarning
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.runs.folder import RunFolder
from resviz.runs.notes import read_notes
from resviz.training.data.batches import Batches
from resviz.training.data.images import load
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer
from tests.helpers.watched_loops import STEPS, Small, batch, check_last, plain_loop, reference, rows_of, sgd, small


@pytest.fixture(autouse=True)
def _no_warnings() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("error", WatchWarning)
        yield


@pytest.mark.parametrize("name", ["cifar-plain20", "cifar-resnet20", "cifar-preresnet20"])
def test_a_net_of_ours_has_the_numbers_of_our_own_trainer(name: str) -> None:
    graph = build(catalogue.find(name))
    config = TrainConfig(
        data="digits16", steps=STEPS, batch=16, evaluate_every=0, histogram_every=0, weight_decay=0.0, warm_up_steps=0
    )
    data = load(config.data, config.seed)
    graph = build(config.fitted(catalogue.find(name)))
    trainer = Trainer(graph, config, data)
    model = to_module(graph)
    model.load_state_dict(trainer.module.state_dict())
    model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), config.learning_rate, momentum=config.momentum)
    watch = resviz.watch(model, optimizer=optimizer, title="mine")
    batches = Batches(data, config.batch, config.seed)
    for step in range(STEPS):
        trainer.step()
        images, labels = batches.at(step)
        loss = functional.cross_entropy(model(images.to(memory_format=torch.channels_last)), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    watch.close()
    ours, theirs = trainer.drain(), rows_of(watch)
    run = RunFolder(watch.folder) if watch.folder else None
    assert run is not None
    if name == "cifar-plain20":
        assert count(build(run.info.net)).flops == count(graph).flops, "it is known by its depth table"
    else:  # a shortcut that pads is a slice and a pad, which no table is read from
        assert run.info.watched is not None
        assert run.info.watched.flops == count(graph).flops
    assert [place.name for place in run.layers.layers] == [layer.name for layer in graph.weight_layers]
    assert [place.name for place in run.layers.activations] == [layer.name for layer in graph.nonlinearities]
    of_layers = ("weight_gradient", "response", "response_gradient", "update_ratio", "saturation", "activation_mean")
    for quantity in (*of_layers, "loss", "learning_rate"):
        np.testing.assert_allclose(theirs[quantity], ours[quantity], rtol=1e-5, err_msg=quantity)


def test_a_plain_loop_is_measured_as_float64_says() -> None:
    model = small()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        plain_loop(model, watch, optimizer, STEPS - 1)
        expected = reference(model, *batch(STEPS - 1))
        before = model.middle.weight.detach().clone()
        images, labels = batch(STEPS - 1)
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
    rows = rows_of(watch)
    check_last(rows, expected)
    moved = float((model.middle.weight.detach() - before).norm() / before.norm())
    assert rows["update_ratio"][-1, 1] == pytest.approx(moved, rel=1e-4)
    assert list(rows["step"]) == list(range(STEPS))


def test_without_its_optimizer_the_update_is_seen_at_the_next_pass() -> None:
    ratios = []
    for known in (True, False):
        model = small()
        optimizer = sgd(model)
        with resviz.watch(model, optimizer=optimizer if known else None) as watch:
            plain_loop(model, watch, optimizer)
        ratios.append(rows_of(watch)["update_ratio"])
    np.testing.assert_allclose(ratios[0], ratios[1], rtol=1e-6)


def test_accumulated_gradients_are_measured_once_a_step() -> None:
    model = small()
    model.norm.eval()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        for step in range(2):
            for part in range(3):
                images, labels = batch(10 * step + part)
                loss = functional.cross_entropy(model(images), labels) / 3
                loss.backward()
            total = float(model.middle.weight.grad.norm())  # type: ignore[union-attr]
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    rows = rows_of(watch)
    assert list(rows["step"]) == [0, 1]
    assert rows["weight_gradient"][-1, 1] == pytest.approx(total, rel=1e-5)
    assert np.isfinite(rows["response_gradient"]).all()


@pytest.mark.parametrize("unscaled_first", [False, True])
def test_a_loss_scale_is_taken_out(unscaled_first: bool) -> None:
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    with resviz.watch(model, optimizer=optimizer, scaler=scaler) as watch:
        images, labels = batch(0)
        expected = reference(model, images, labels)
        loss = functional.cross_entropy(model(images), labels)
        scaler.scale(loss).backward()
        if unscaled_first:
            scaler.unscale_(optimizer)
        watch.step(loss)
        scaler.step(optimizer)
        scaler.update()
    check_last(rows_of(watch), expected)


class Checkpointed(Small):
    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.norm(self.conv(x)))
        x = checkpoint(self.middle, x, use_reentrant=False)
        return self.head(x.relu().mean((2, 3)))


def test_activation_checkpointing_changes_nothing() -> None:
    found = []
    for kind in (Small, Checkpointed):
        torch.manual_seed(0)
        model = kind()
        optimizer = sgd(model)
        with resviz.watch(model, optimizer=optimizer) as watch:
            plain_loop(model, watch, optimizer)
        found.append(rows_of(watch))
    for name in ("weight_gradient", "response_gradient", "response"):
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-4, err_msg=name)


def test_frozen_layers_have_no_gradient_and_do_not_move() -> None:
    model = small()
    model.conv.requires_grad_(False)
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        plain_loop(model, watch, optimizer)
    rows = rows_of(watch)
    assert np.isnan(rows["weight_gradient"][:, 0]).all()
    assert (rows["update_ratio"][:, 0] == 0).all()
    assert np.isfinite(rows["weight_gradient"][:, 1:]).all()


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.out = nn.Embedding(12, 6), nn.Linear(6, 12, bias=False)
        self.out.weight = self.words.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.tanh(self.words(x))).mean(1)


def test_a_shared_weight_belongs_to_its_first_module() -> None:
    model = Tied()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    with resviz.watch(model, optimizer=optimizer) as watch:
        for _step in range(2):
            loss = functional.cross_entropy(model(torch.arange(8).view(2, 4)), torch.tensor([1, 2]))
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    assert watch.folder is not None
    run = RunFolder(watch.folder)
    assert [place.name for place in run.layers.layers] == ["words"]
    assert run.info.recipe["optimizer"] == "AdamW"
    assert run.info.watched is not None
    assert (run.info.watched.name, run.info.watched.parameters) == ("Tied", 72)


class Attends(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.attention, self.out = nn.Embedding(9, 8), nn.MultiheadAttention(8, 2), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.words(x)
        return self.out(self.attention(x, x, x)[0]).mean(1)


def test_attention_is_one_layer_with_all_its_weights() -> None:
    torch.manual_seed(0)
    model = Attends()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        loss = functional.cross_entropy(model(torch.arange(8).view(2, 4)), torch.tensor([1, 2]))
        loss.backward()
        watch.step(loss)
        own = [model.attention.in_proj_weight.grad, model.attention.out_proj.weight.grad]
        norm = math.sqrt(sum(float(one.norm()) ** 2 for one in own if one is not None))
        optimizer.step()
    run = RunFolder(watch.folder)  # type: ignore[arg-type]
    assert [place.name for place in run.layers.layers] == ["words", "attention", "out"]
    rows = run.rows()
    assert rows["weight_gradient"][0, 1] == pytest.approx(norm, rel=1e-5)
    assert np.isfinite(rows["response_gradient"]).all()


def test_held_out_numbers_stand_behind_the_step_they_follow() -> None:
    model = small()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        for number in range(2):
            plain_loop(model, watch, optimizer, 2)
            model.eval()
            with torch.no_grad():
                model(batch(99)[0])
            watch.held_out(loss=1.5 + number, error=0.25)
            model.train()
    rows = rows_of(watch)
    assert np.isnan(rows["held_out_loss"][[0, 2]]).all()
    assert list(rows["held_out_loss"][[1, 3]]) == [1.5, 2.5]
    assert RunFolder(watch.folder).info.error == 0.25  # type: ignore[arg-type]


def test_hooks_that_do_not_fire_are_said_at_once() -> None:
    model = small()
    optimizer = sgd(model)
    watch = resviz.watch(model, optimizer=optimizer)
    images, labels = batch(0)
    model(images)
    twin = torch.func.functional_call(small(), dict(model.named_parameters()), (images,))  # hooks of another module
    functional.cross_entropy(twin, labels).backward()
    with pytest.warns(WatchWarning, match="No gradient of a response was seen at step 0"):
        watch.step()
    watch.close()


@pytest.mark.parametrize("every", [1, 3])
def test_one_step_in_so_many_is_measured(every: int) -> None:
    model = small()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer, every=every) as watch:
        plain_loop(model, watch, optimizer, 7)
    assert list(rows_of(watch)["step"]) == list(range(0, 7, every))


def test_the_training_is_the_same_with_and_without() -> None:
    ends = []
    for watched in (False, True):
        model = small()
        optimizer = sgd(model)
        torch.manual_seed(3)
        watch = resviz.watch(model, optimizer=optimizer) if watched else None
        for step in range(STEPS):
            images, labels = batch(step)
            loss = functional.cross_entropy(functional.dropout(model(images), 0.2), labels)
            loss.backward()
            if watch is not None:
                watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
        if watch is not None:
            watch.close()
        ends.append([value.clone() for value in model.state_dict().values()])
        assert not model._forward_pre_hooks
        assert not model.conv._forward_hooks
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True))


def test_a_cell_that_runs_again_ends_the_watch_before() -> None:
    model = small()
    optimizer = sgd(model)
    first = resviz.watch(model, optimizer=optimizer)
    plain_loop(model, first, optimizer, 1)
    second = resviz.watch(model, optimizer=optimizer)
    plain_loop(model, second, optimizer, 1)
    second.close()
    assert first.folder != second.folder
    assert RunFolder(first.folder).info.state == "finished"  # type: ignore[arg-type]
    with pytest.warns(WatchWarning, match="The watch is closed"):
        first.step()


@pytest.mark.parametrize(("error", "state"), [(KeyboardInterrupt, "stopped"), (ZeroDivisionError, "failed")])
def test_an_error_in_the_loop_keeps_the_run(error: type[BaseException], state: str) -> None:
    model = small()
    optimizer = sgd(model)

    def train() -> Watch:
        with resviz.watch(model, optimizer=optimizer) as watch:
            watches.append(watch)
            plain_loop(model, watch, optimizer, 2)
            raise error("in the loop")

    watches: list[Watch] = []
    with pytest.raises(error):
        train()
    run = RunFolder(watches[0].folder)  # type: ignore[arg-type]
    assert run.info.state == state
    assert len(run.rows()["step"]) == 2
    assert ("in the loop" in run.info.message) == (state == "failed")


def test_a_folder_that_can_not_be_written_does_not_stop_the_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    model = small()
    optimizer = sgd(model)
    watch = resviz.watch(model, tmp_path / "file", optimizer=optimizer)
    with pytest.warns(WatchWarning, match="what is measured waits"):
        plain_loop(model, watch, optimizer, 40)
    (tmp_path / "file").unlink()
    watch.close()
    assert watch.folder is not None
    assert len(rows_of(watch)["step"]) == 40, "nothing is lost"


def no_weights() -> nn.Module:
    return nn.Sequential(nn.ReLU(), nn.Flatten())


def test_wrong_use_is_a_warning_and_no_error() -> None:
    watch = resviz.watch(no_weights())
    with pytest.warns(WatchWarning, match="no weights that could be watched"):
        watch.step(1.0)
    watch.close()
    model = small()
    watch = resviz.watch(model)
    model(batch(0)[0])
    with pytest.warns(WatchWarning, match=r"No weight had a gradient at step 0. Call step\(\) behind"):
        watch.step(torch.tensor(1.0))
    watch.step(torch.tensor(1.0))  # gives no second warning
    watch.close()
    strict = resviz.watch(no_weights(), strict=True)
    with pytest.raises(ResvizError, match="no weights"):
        strict.step()
    strict.close()


def test_numbers_that_are_none_are_kept_as_they_are() -> None:
    model = small()
    optimizer = sgd(model)
    watch = resviz.watch(model, optimizer=optimizer)
    plain_loop(model, watch, optimizer, 1)
    with torch.no_grad():
        model.middle.weight.fill_(math.nan)
    plain_loop(model, watch, optimizer, 1)
    with pytest.warns(WatchWarning, match="At step 1 the response of layer middle is not a finite number"):
        watch.close()
    rows = rows_of(watch)
    assert np.isfinite(rows["weight_gradient"][0]).all()
    assert np.isnan(rows["weight_gradient"][1]).all()


KILLED = """
import sys, time, torch, resviz
from torch import nn
model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
optimizer = torch.optim.SGD(model.parameters(), 0.1)
watch = resviz.watch(model, sys.argv[1], optimizer=optimizer)
for step in range(100000):
    loss = model(torch.rand(8, 4)).square().mean()
    loss.backward(); watch.step(loss); optimizer.step(); optimizer.zero_grad()
    print(step, time.time(), flush=True)
    time.sleep(0.02)
"""


@pytest.mark.slow
def test_a_killed_program_loses_half_a_second(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [process.stdout.readline() for _line in range(80)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    (folder,) = tmp_path.iterdir()
    run = RunFolder(folder)
    assert run.info.state == "interrupted"
    times = {int(step): float(at) for step, at in (line.split() for line in said if line.count(" ") == 1)}
    kept = int(run.rows()["step"][-1])
    assert max(times.values()) - times[kept] < 0.6 + 0.5, "of a machine that others use"


@pytest.mark.slow
def test_a_script_that_just_ends_has_finished_its_run(tmp_path: Path) -> None:
    code = KILLED.replace("100000", "5")
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True)
    (folder,) = tmp_path.iterdir()
    run = RunFolder(folder)
    assert (run.info.state, len(run.rows()["step"])) == ("finished", 5)


def test_the_example_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path))
    page = (Path(__file__).parents[2] / "docs" / "watch.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"<!-- example: loop -->\n```python\n(.*?)```", page, re.DOTALL)
    exec(code, {})
    (folder,) = tmp_path.iterdir()
    run = RunFolder(folder)
    assert (run.info.state, len(run.rows()["step"])) == ("finished", 20)
    assert read_notes(folder).title == "my net"


PROCESS = """
import os, sys, torch, resviz
from torch import nn
from torch.nn.parallel import DistributedDataParallel
rank, world, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if world > 1:
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}.store", rank=rank, world_size=world)
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
images = torch.rand(8, 4)
trained = DistributedDataParallel(model) if world > 1 else model
optimizer = torch.optim.SGD(model.parameters(), 0.1)
part = images[rank * 8 // world : (rank + 1) * 8 // world]
with resviz.watch(trained, folder, optimizer=optimizer) as watch:
    for step in range(3):
        loss = trained(part).square().mean()
        loss.backward(); watch.step(loss); optimizer.step(); optimizer.zero_grad()
"""


@pytest.mark.slow
def test_of_two_processes_one_writes_the_gradients_of_the_whole_batch(tmp_path: Path) -> None:
    found = []
    for world in (1, 2):
        folder = tmp_path / str(world)
        processes = [
            subprocess.Popen([sys.executable, "-W", "ignore", "-c", PROCESS, str(rank), str(world), str(folder)])
            for rank in range(world)
        ]
        assert [process.wait(120) for process in processes] == [0] * world
        (run,) = folder.iterdir()
        found.append(RunFolder(run).rows())
        assert [place.name for place in RunFolder(run).layers.layers] == ["0", "2"]
    for name in ("weight_gradient", "update_ratio"):
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-5, err_msg=name)
    assert np.isfinite(found[1]["response_gradient"]).all()
