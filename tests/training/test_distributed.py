"""Several processes train as one does with the whole batch; when one of them is lost, the run can go on without it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from resviz.base.errors import DataError
from resviz.experiments.devices import find_device
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.training.data.batches import Batches
from resviz.training.data.images import load
from resviz.training.distributed import ProcessRank, SharedBatchNorm
from resviz.training.recipe import TrainConfig
from tests.helpers.command_line import resviz

pytestmark = pytest.mark.slow

PATIENCE = 120


def command(world: int, *arguments: str) -> list[str]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(world)]
    return [*launcher, "-m", "resviz", *arguments]


def run_processes(world: int, *arguments: str) -> None:
    done = subprocess.run(command(world, *arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def the_run(folder: Path) -> RunFolder:
    (path,) = (path for path in folder.iterdir() if path.is_dir())
    return RunFolder(path)


UNSTEADY = ("gradient_cosine", "saturation", "activation_histogram", "activation_mean")
"""A cosine is a small difference of large sums, and a share counts values that lie on an edge."""
TRAINING = ("--data", "digits16", "--batch", "32", "--evaluate-every", "2", "--histogram-every", "2")


@pytest.mark.parametrize(
    ("world", "arguments", "steps", "drift"),
    [
        (2, ("cifar-resnet20", "--shortcut", "B", "--layout", "channels-first"), 2, 5e-3),
        (3, ("cifar-plain20", "--norm", "none", "--init", "torch", "--augmentation", "crop-flip"), 4, 2e-5),
        (2, ("mlp5", "--norm", "batch", "--layout", "channels-first"), 2, 5e-3),
    ],
    ids=["batch normalisation", "three uneven parts, augmented", "batch normalisation of vectors"],
)
def test_several_processes_measure_what_one_does_with_the_whole_batch(
    tmp_path: Path, world: int, arguments: tuple[str, ...], steps: int, drift: float
) -> None:
    """The first steps agree; later ones drift apart, as sums in another order do in any deep net.

    With batch normalization, gradients of the second step already drift by 2e-3: so far apart are two runs of one
    process, too, with the instructions of two processors. A nonlinearity may be off in one and on in the other. That
    happens in the first step already with channels-last maps, whose statistics torch sums with errors of 1e-6.
    """
    resviz("train", *arguments, *TRAINING, "--steps", str(steps), "--out", str(tmp_path / "one"), check=True)
    run_processes(world, "train", *arguments, *TRAINING, "--steps", str(steps), "--out", str(tmp_path / "many"))
    one, many = the_run(tmp_path / "one"), the_run(tmp_path / "many")
    assert many.info.versions["processes"] == str(world)
    assert many.info.state == "finished"
    rows, others = one.rows(), many.rows()
    assert rows.keys() == others.keys()
    for name, values in rows.items():
        absolute = 1e-3 if name in UNSTEADY else 1e-9
        later = drift if "gradient" in name or name == "update_ratio" else 2e-5
        np.testing.assert_allclose(others[name][:1], values[:1], rtol=2e-5, atol=absolute, err_msg=name)
        np.testing.assert_allclose(others[name], values, rtol=later, atol=absolute, err_msg=name)
    assert many.info.error == pytest.approx(one.info.error, abs=0.02)
    ours, theirs = one.checkpoint(), many.checkpoint()
    assert ours.keys() == theirs.keys()


def children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []


def until(done: object, what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not done():  # type: ignore[operator]
        assert time.monotonic() < limit, what
        time.sleep(0.1)


def steps_of(folder: Path) -> int:
    runs = [path for path in folder.iterdir() if (path / "run.json").exists()] if folder.exists() else []
    return RunFolder(runs[0]).info.steps if runs else 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for a process by its parent")
def test_a_run_that_lost_a_process_goes_on_with_any_number_of_them(tmp_path: Path) -> None:
    """Killed with two, stopped with two, finished by one: the rows are those of one that was never disturbed."""
    training = ("train", "cifar-plain20", "--norm", "none", "--init", "torch", *TRAINING, "--steps", "60")
    folder = tmp_path / "many"
    process = subprocess.Popen(command(2, *training, "--out", str(folder)), stderr=subprocess.PIPE, text=True)
    until(lambda: steps_of(folder) > 4, "no step was made")
    writer = the_run(folder).info.pid
    lost = next(pid for pid in children(process.pid) if pid != writer)
    os.kill(lost, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    run = the_run(folder)
    assert run.info.state == "interrupted"
    assert 4 < run.info.steps < 60
    again = subprocess.Popen(command(2, "resume", str(run.folder)), stderr=subprocess.PIPE, text=True)
    until(lambda: the_run(folder).info.state == "running", "it did not go on")
    until(lambda: (run.folder / "metrics-0001.arrows").exists(), "no step was made")
    again.terminate()  # as a cluster does when a job's time is over
    again.communicate(timeout=PATIENCE)
    stopped = the_run(folder)
    assert stopped.info.state == "stopped"
    assert int(stopped.checkpoint()["step"]) == stopped.info.steps, "all after the same step, with a checkpoint"
    resviz("resume", str(run.folder), check=True)
    finished = the_run(folder)
    assert (finished.info.state, finished.info.steps) == ("finished", 60)
    resviz(*training[:-1], "20", "--out", str(tmp_path / "one"), check=True)
    rows, others = the_run(tmp_path / "one").rows(), finished.rows()
    assert others["step"].tolist() == list(range(60))
    np.testing.assert_allclose(others["response_gradient"][:20], rows["response_gradient"], rtol=1e-3)


@pytest.mark.parametrize(("count", "world"), [(32, 2), (33, 2), (32, 3), (100, 7)])
def test_parts_are_the_whole_batch_once(count: int, world: int) -> None:
    parts = [ProcessRank(rank, world).part(count) for rank in range(world)]
    assert [place for part in parts for place in range(count)[part]] == list(range(count))
    sizes = [part.stop - part.start for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True), "the first has what is measured of the first samples"


def test_a_part_has_the_samples_and_the_draws_of_the_whole() -> None:
    data = load("digits16", 0)
    whole, _ = Batches(data, 32, 0, "crop-flip").at(3)
    parts = [Batches(data, 32, 0, "crop-flip", ProcessRank(rank, 3).part(32)).at(3)[0] for rank in range(3)]
    assert torch.equal(torch.cat(parts), whole)


def test_too_few_samples_for_what_is_measured_are_refused_in_a_line() -> None:
    ProcessRank(0, 4).check(32)
    with pytest.raises(DataError, match="batch: 31 gives each of 4 processes 7 samples.* Use 32 or more"):
        ProcessRank(0, 4).check(31)


def test_on_a_gpu_a_normalised_response_is_measured_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads a channel's inverse deviation from the host is for the CPU alone."""
    monkeypatch.setattr("resviz.training.distributed._all_reduce", lambda x: x)
    norm = SharedBatchNorm(4)
    norm.samples = 8
    assert norm.to("meta")(torch.zeros(8, 4, 3, 3, device="meta")).shape == (8, 4, 3, 3)
    assert norm.inverse is None
    assert not norm.knows_its_output


def test_statistics_of_short_floats_are_of_long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resviz.training.distributed._all_reduce", lambda x: x)
    norm = SharedBatchNorm(4)
    norm.samples = 8
    x = torch.randn(8, 4, 3, 3, generator=torch.Generator().manual_seed(0))
    expected = torch.nn.functional.batch_norm(x, None, None, training=True)
    torch.testing.assert_close(norm(x), expected)
    assert norm(x.bfloat16()).dtype == torch.bfloat16


def test_each_process_of_a_machine_takes_its_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_RANK", "3")
    asked: list[str] = []
    monkeypatch.setattr("resviz.experiments.devices.torch.empty", lambda *_, device: asked.append(str(device)))
    for recorded in ("cuda", "cuda:0"):  # as it is typed, and as a run that goes on has it
        find_device(recorded)
    assert asked == ["cuda:3", "cuda:3"]


def test_one_process_alone_is_none_of_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "1")
    with Session(TrainingPlan([catalogue.find("mlp5")], TrainConfig(data="digits16", steps=1), tmp_path)) as session:
        assert not session.ranks.is_distributed
        session.close()
