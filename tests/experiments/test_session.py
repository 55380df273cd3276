"""A sitting: nets in lock-step, each run on disk as it goes, whatever ends it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from resviz.base.errors import DataError, NetError, RunError, UsageError
from resviz.experiments import session as module
from resviz.experiments.lock_step import choose_share
from resviz.experiments.session import Session
from resviz.experiments.threads import share_cores, usable_cores
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.runs.folder import RunFolder
from resviz.runs.library import find
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(data="digits16", batch=16, steps=6, seed=0, evaluate_every=3)
DUEL = tuple(catalogue.find(name) for name in ("cifar-plain20", "cifar-resnet20"))


def test_a_duel_is_two_runs_of_one_group_with_a_row_for_each_step(tmp_path: Path) -> None:
    with Session(TrainingPlan(DUEL, CONFIG, tmp_path)) as session:
        seen: list[list[int]] = [[], []]
        for update in session.steps():
            for steps, rows in zip(seen, update.rows, strict=False):
                steps.extend(rows["step"].tolist())
        infos = session.close()
    assert seen == [list(range(6))] * 2
    assert len({info.group for info in infos}) == 1
    for writer in session.recording.writers:
        run = RunFolder(writer.folder)
        assert run.info.state == "finished"
        rows = run.rows()
        assert rows["step"].tolist() == list(range(6))
        assert np.isfinite(rows["held_out_error"]).tolist() == [True, False, False, True, False, False]
        assert rows["response_gradient"].shape == (6, len(run.layers.layers)) == (6, 20)
        assert run.info.loss == pytest.approx(rows["loss"][-1])
        assert 0 <= (run.info.error or 0) <= 1
        assert "optimizer.momentum_buffer.fc.weight" in load_file(writer.folder / "checkpoint.safetensors")


def test_a_duels_nets_are_the_nets_trained_alone(tmp_path: Path) -> None:
    alone = []
    for spec in DUEL:
        with Session(TrainingPlan([spec], CONFIG, tmp_path / "alone", threads=1)) as session:
            list(session.steps())
        alone.append(RunFolder(session.recording.writers[0].folder).rows())
    with Session(TrainingPlan(DUEL, CONFIG, tmp_path / "duel", threads=1)) as duel:
        list(duel.steps())
    for writer, rows in zip(duel.recording.writers, alone, strict=True):
        assert np.array_equal(RunFolder(writer.folder).rows()["loss"], rows["loss"])


def test_stopping_keeps_what_was_measured(tmp_path: Path) -> None:
    with Session(TrainingPlan(DUEL, CONFIG, tmp_path)) as session:
        for update in session.steps():
            if update.steps == 2:
                break
    run = RunFolder(session.recording.writers[0].folder)
    assert (run.info.state, run.info.steps) == ("stopped", 2)
    assert run.rows()["step"].tolist() == [0, 1]


def test_a_failure_keeps_what_was_measured_and_says_why(tmp_path: Path) -> None:
    session = Session(TrainingPlan(DUEL, CONFIG, tmp_path))
    with pytest.raises(MemoryError), session:
        for update in session.steps():
            if update.steps == 3:
                session.drain()
                raise MemoryError("no room")
    for writer in session.recording.writers:
        run = RunFolder(writer.folder)
        assert (run.info.state, run.info.message) == (
            "failed",
            "Out of memory. Use a smaller batch or a smaller net. (MemoryError: no room)",
        )
        assert len(run.rows()["step"]) == 3


@pytest.mark.parametrize(
    ("names", "config", "device", "error"),
    [
        (["vgg16"], CONFIG, "cpu", NetError),
        (["cifar-resnet20"], CONFIG.model_copy(update={"batch": 5000}), "cpu", DataError),
        (["cifar-resnet20"], CONFIG, "abacus", UsageError),
    ],
)
def test_what_cannot_begin_leaves_no_folder(
    tmp_path: Path, names: list[str], config: TrainConfig, device: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Session(TrainingPlan([catalogue.find(name) for name in names], config, tmp_path / "runs", device))
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file in the way")
    with pytest.raises(RunError, match="Choose another folder with --out"):
        Session(TrainingPlan(DUEL, CONFIG, tmp_path / "runs"))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_run_killed_with_sigkill_opens_with_all_but_its_last_half_second(tmp_path: Path) -> None:
    """The killed program prints each step it has done; what is on disk is no more than half a second behind."""
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from resviz.nets import catalogue\n"
        "from resviz.experiments.session import Session\n"
        "from resviz.experiments.training_plan import TrainingPlan\n"
        "from resviz.training.recipe import TrainConfig\n"
        "recipe = TrainConfig(data='digits16', batch=4, steps=100000, evaluate_every=0)\n"
        "with Session(TrainingPlan([catalogue.find('cifar-plain20')], recipe, Path(sys.argv[1]))) as session:\n"
        "    for update in session.steps():\n"
        "        print(update.steps, time.monotonic(), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        done: list[tuple[int, float]] = []
        for line in process.stdout:
            steps, moment = line.split()
            done.append((int(steps), float(moment)))
            if len(done) >= 60:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
        for line in process.stdout:  # what it had still printed
            if len(line.split()) == 2:
                done.append((int(line.split()[0]), float(line.split()[1])))
    (run,), problems = find([tmp_path])
    assert not problems
    assert run.info.state == "interrupted"
    steps = run.rows()["step"]  # type: ignore[assignment]
    assert steps.tolist() == list(range(len(steps)))  # type: ignore[attr-defined]
    last = done[-1][1]
    surely = max((count for count, moment in done if moment <= last - 0.5), default=0)
    assert surely <= len(steps) <= done[-1][0] + 1
    assert done[-1][0] - len(steps) <= 32
    assert len(steps) > 0


def test_pausing_is_leaving_it_alone(tmp_path: Path) -> None:
    with Session(TrainingPlan([DUEL[0]], CONFIG, tmp_path)) as session:
        steps = session.steps()
        next(steps)
        time.sleep(0.3)
        before = session.steps_per_second
        assert before is not None
        assert before > 1 / 0.3 or before > 0
        list(steps)
    assert RunFolder(session.recording.writers[0].folder).rows()["step"].tolist() == list(range(6))


def test_a_folder_lost_in_mid_run_ends_its_sibling_too(tmp_path: Path) -> None:
    session = Session(TrainingPlan(DUEL, CONFIG, tmp_path))
    with pytest.raises(OSError, match="gone"), session:
        next(iter(session.steps()))
        shutil.rmtree(session.recording.writers[0].folder)
        raise OSError("gone")
    assert RunFolder(session.recording.writers[1].folder).info.state == "failed"


def test_what_can_not_be_recorded_is_said_at_once_and_no_step_is_made_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DRAIN_SECONDS", 0.0)
    config = CONFIG.model_copy(update={"steps": 8})
    with Session(TrainingPlan(DUEL, config, tmp_path)) as session:
        steps = session.steps()
        assert next(steps).problem == ""
        hidden = tmp_path / "hidden"
        session.recording.writers[1].folder.rename(hidden)
        update = next(steps)
        assert "the folder of the run is gone" in update.problem
        assert session.counts == (2, 2)
        assert "gone" in next(steps).problem
        assert session.counts == (2, 2), "not one more"
        hidden.rename(session.recording.writers[1].folder)
        assert [update.problem for update in steps] == [""] * 6
        session.close()
    for writer in session.recording.writers:
        assert RunFolder(writer.folder).info.state == "finished"
        assert RunFolder(writer.folder).rows()["step"].tolist() == list(range(8))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_by_now_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resviz.experiments.recording.SAVE_SECONDS", 0.0)
    with Session(TrainingPlan(DUEL, CONFIG, tmp_path)) as session:
        steps = session.steps()
        session.recording.writers[0].folder.chmod(0o500)
        assert "Permission denied" in next(steps).problem
        session.recording.writers[0].folder.chmod(0o700)
        assert next(steps).problem == ""


def test_a_batch_of_one_that_cannot_be_normalised_is_refused(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"batch": 1})
    with pytest.raises(DataError, match="Use 2 or more"):
        Session(TrainingPlan([catalogue.find("resnet18")], config, tmp_path))


def _cores(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)


def test_one_core_is_left_to_the_window_of_those_it_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, usable in ((1, 1), (2, 1), (8, 7)):
        _cores(monkeypatch, cores)
        assert usable_cores() == usable


def test_nets_train_at_once_on_many_cores_unless_one_takes_most_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, costs, threads, at_once, each in (
        (2, [1, 1], None, 1, 1),
        (3, [1, 1], None, 2, 1),
        (8, [1, 1], None, 2, 3),
        (8, [1] * 9, None, 7, 1),
        (8, [1, 20], None, 1, 7),
        (8, [1, 1], 7, 1, 7),
        (8, [1, 20], 2, 2, 2),
        (2, [1, 1], 4, 1, 4),
    ):
        _cores(monkeypatch, cores)
        assert share_cores(costs, threads) == (at_once, each)


@pytest.mark.parametrize("duel", [DUEL, (catalogue.find("cifar-plain20"), catalogue.find("cifar-highway20"))])
def test_nets_at_once_have_the_numbers_of_nets_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duel: tuple[NetSpec, ...]
) -> None:
    found = {}
    for cores in (2, 3):
        _cores(monkeypatch, cores)
        with Session(TrainingPlan(duel, CONFIG, tmp_path / str(cores), threads=1)) as session:
            threads: set[int] = set()
            monkeypatch.setattr(Trainer, "step", _noting(threads, Trainer.step))
            list(session.steps())
        monkeypatch.undo()
        assert len(threads) == cores - 1
        found[cores] = [RunFolder(writer.folder) for writer in session.recording.writers]
    for turn, beside in zip(found[2], found[3], strict=True):
        rows, checkpoint = beside.rows(), beside.checkpoint()
        assert all(np.array_equal(values, rows[name], equal_nan=True) for name, values in turn.rows().items())
        assert all(np.array_equal(tensor, checkpoint[name]) for name, tensor in turn.checkpoint().items())


def _noting(threads: set[int], step: Callable[[Trainer], None]) -> Callable[[Trainer], None]:
    def noting(trainer: Trainer) -> None:
        threads.add(threading.get_ident())
        step(trainer)

    return noting


def test_nets_that_draw_from_torchs_one_random_state_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 8)
    config = TrainConfig(data="digits", batch=8)
    graphs = [build(config.fitted(catalogue.find("vgg11")))] * 2
    assert any(layer.op.kind == "dropout" for layer in graphs[0].layers)
    assert choose_share(graphs, config, None, in_turn=False) == (1, 7)


def test_nets_that_need_much_memory_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 8)
    graphs = [build(CONFIG.fitted(spec)) for spec in DUEL]
    assert choose_share(graphs, CONFIG, None, in_turn=False).at_once == 2
    assert choose_share(graphs, CONFIG.model_copy(update={"batch": 4096}), None, in_turn=False).at_once == 1


def test_an_error_of_one_of_two_nets_at_once_fails_both_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _cores(monkeypatch, 3)
    with pytest.raises(RuntimeError, match="out of memory"):  # noqa: SIM117
        with Session(TrainingPlan(DUEL, CONFIG, tmp_path, threads=1)) as session:
            steps = session.steps()
            next(steps)
            monkeypatch.setattr(session._trainers[1], "_compute", _fail)
            next(steps)
    assert [info.state for info in session.recording.infos] == ["failed", "failed"]


def _fail() -> None:
    raise RuntimeError("out of memory")


def test_a_stop_in_the_last_evaluation_leaves_finished_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session(TrainingPlan(DUEL, CONFIG, tmp_path)) as session:
        for _ in session.steps():
            pass
        session.interrupt()
        infos = session.close()
    assert [info.state for info in infos] == ["finished", "finished"]
    assert all((writer.folder / "checkpoint.safetensors").exists() for writer in session.recording.writers)


def test_an_error_while_closing_leaves_no_run_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def evaluate(trainer: Trainer) -> tuple[float, float]:
        calls.append(trainer)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return 1.0, 0.5

    with pytest.raises(KeyboardInterrupt), Session(TrainingPlan(DUEL, CONFIG, tmp_path)) as session:
        for _ in session.steps():
            if session.done:  # the runs end after the last update
                monkeypatch.setattr(Trainer, "evaluate", evaluate)
    assert [writer.info.state for writer in session.recording.writers] == ["finished", "finished"]


def test_nets_at_a_free_pace_get_the_same_time(tmp_path: Path) -> None:
    """Of a small and a larger net the small one gets further ahead while both have steps to do."""
    nets = [catalogue.find("cifar-plain20"), catalogue.find("cifar-resnet56")]
    config = CONFIG.model_copy(update={"steps": 40, "evaluate_every": 0})
    with Session(TrainingPlan(nets, config, tmp_path, free=True)) as session:
        ahead = 0
        for update in session.steps():
            ahead = max(ahead, update.counts[0] - update.counts[1])
            if update.counts[1] >= 8:
                break
        session.close()
    assert ahead > 4


def test_a_checkpoint_is_written_when_a_minute_has_passed_and_no_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("resviz.experiments.recording.time.monotonic", lambda: now[0])
    with Session(TrainingPlan(DUEL[:1], CONFIG, tmp_path)) as session:
        checkpoint = session.recording.writers[0].folder / "checkpoint.safetensors"
        steps = session.steps()
        next(steps)
        now[0] += 59
        next(steps)
        assert not checkpoint.exists()
        now[0] += 1
        next(steps)
        assert checkpoint.exists()


def test_the_pace_is_that_of_the_steps_without_the_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [50.0]
    monkeypatch.setattr("resviz.experiments.session.time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(Trainer, "step", _slow(clock, Trainer.step))
    with Session(TrainingPlan(DUEL, CONFIG, tmp_path, threads=1)) as session:
        for _ in session.steps():
            clock[0] += 1000  # a pause
        assert session.steps_per_second == pytest.approx(1 / 0.5)  # two nets, a quarter of a second each


def _slow(clock: list[float], step: Callable[[Trainer], None]) -> Callable[[Trainer], None]:
    def stepping(trainer: Trainer) -> None:
        step(trainer)
        clock[0] += 0.25

    return stepping


def test_a_batch_of_one_trains_a_net_that_normalizes_nothing(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"batch": 1, "steps": 2, "evaluate_every": 0, "learning_rate": 0.001})
    spec = catalogue.find("cifar-plain20").with_options(norm="none", input="1x4x4")
    graph = build(config.fitted(spec))
    assert not any(layer.op.kind == "batch norm" for layer in graph.layers)
    with Session(TrainingPlan([spec], config, tmp_path)) as session:
        list(session.steps())
    assert session.recording.infos[0].state == "finished"
