"""Session: nets trained in lock-step on the same batches, each written into a run folder of its own.

The window's worker and `resviz train` both drive this, step by step.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch

from resviz.base.errors import UsageError, user_message
from resviz.base.memory import keep_freed_memory
from resviz.base.translation import _
from resviz.experiments.devices import choose_device
from resviz.experiments.lock_step import LockStep, choose_share
from resviz.experiments.recording import Recording
from resviz.experiments.run_description import describe_run, run_layers
from resviz.experiments.trained_nets import load_state
from resviz.nets.build import build
from resviz.runs.folder import RunFolder, RunWriter, lock_run, new_id
from resviz.training.data.data_sets import default_data_folder, describe
from resviz.training.data.images import load
from resviz.training.distributed import join, leave_group
from resviz.training.process_environment import is_first
from resviz.training.recorder import StepInterrupted
from resviz.training.trainer import Trainer, use_precision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from filelock import FileLock

    from resviz.experiments.training_plan import TrainingPlan
    from resviz.measurements.rows import Rows
    from resviz.runs.records import RunInfo, State

DRAIN_SECONDS = 0.1
"""Rows are copied out, and written, at least this often: a kill loses no more, a live view lags no more."""


@dataclass(frozen=True)
class SessionUpdate:
    """The state after a step: how many steps each net has done, and the new rows.

    `rows` has a Rows for each net, with what was copied from the device since the last update.
    """

    counts: tuple[int, ...]
    rows: tuple[Rows, ...] = ()
    problem: str = ""
    """Why rows can't be recorded: no step is made until they are."""

    @property
    def steps(self) -> int:
        """Steps of the net that has done most. In lock-step all nets have done as many."""
        return max(self.counts)


class Session:
    """Trains the nets of a plan together, and records them.

    Iterate over `steps()`; between any two steps it may be left alone for as long as one likes (pause), `drain()`ed, or
    ended by `close()`. Use it as a context manager: an error ends the runs as failed, and keeps what they have.
    """

    def __init__(self, plan: TrainingPlan) -> None:
        """Prepare trainers and run folders. Of several processes only the first records.

        Raises:
            NetError, DataError, UsageError: The plan is not valid; nothing is written.
            RunError: A run folder can't be written or read.
        """
        self.plan, self.config = plan, plan.config
        self._locks = _lock_runs(plan.resumed)  # first of all: whoever trains it now is not to be waited for
        try:
            self._prepare(plan)
        except BaseException:
            for lock in self._locks:
                lock.release()
            raise

    def _prepare(self, plan: TrainingPlan) -> None:
        self.device, self.device_problem = choose_device(plan.device)
        self._seconds = [0.0] * len(plan.specs)
        self._interrupted = self._closed = False
        self._last_errors: dict[int, dict[str, float]] = {}
        self.ranks = join(self.device)
        if plan.free and self.ranks.is_distributed:
            raise UsageError(_("--free can't be combined with several processes"))
        use_precision(self.config)
        data_folder = plan.data_folder or default_data_folder(self.config.data)
        info = describe(self.config.data, data_folder, self.config.image_side)
        self.specs = tuple(self.config.fitted(spec, info) for spec in plan.specs)
        self.graphs = tuple(build(spec) for spec in self.specs)
        in_turn = plan.free or self.device.type != "cpu" or self.ranks.is_distributed
        share = choose_share(self.graphs, self.config, plan.threads, in_turn=in_turn)
        torch.set_num_threads(share.threads)
        keep_freed_memory()
        images = load(
            self.config.data, self.config.data_seed, data_folder, self.config.held_out, self.config.image_side
        )
        self._trainers = [Trainer(graph, self.config, images, self.device, ranks=self.ranks) for graph in self.graphs]
        self._image_count = len(self._trainers[0].data.images)
        self._lock_step = LockStep(self._trainers, share.at_once, share.threads)
        self.layers = tuple(run_layers(graph, self.config) for graph in self.graphs)
        self.recording = Recording()
        try:
            self._open_runs()
        except BaseException as error:
            self.fail(error)
            raise
        self._drained_at = time.monotonic()

    def _open_runs(self) -> None:
        """Begin a run folder for each net, or continue those that are resumed."""
        plan, records, writers = self.plan, self.ranks.rank == 0, self.recording.writers
        for index, trainer in enumerate(self._trainers):  # all of them first: what is refused changes no run
            found = bool(plan.resumed) and _load(trainer, plan.resumed[index])
            if self.config.weights and not found:
                trainer.load_weights(self.config.weights)
        for path, lock in zip(plan.resumed, self._locks, strict=False):
            writers.append(RunWriter.resumed(path, self.config.model_dump(mode="json"), lock))
        if plan.resumed or not records:
            return
        group = plan.group or (new_id() if len(self.specs) > 1 else "")
        for spec, layers in zip(self.specs, self.layers, strict=True):
            info = describe_run(spec, self.config, self.device, self.ranks, group, self._image_count)
            writers.append(RunWriter(plan.folder, info, layers))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | GeneratorExit | SystemExit):
            try:
                self.close()
            except OSError as problem:  # the disk is full: keep the rows written so far, and report why no more follow
                self.fail(problem)
                raise
        else:
            self.fail(error)

    @property
    def counts(self) -> tuple[int, ...]:
        """Steps that each net has done."""
        return tuple(trainer.step_count for trainer in self._trainers)

    @property
    def done(self) -> bool:
        """Whether every net has done the recipe's steps."""
        return min(self.counts) >= self.config.steps

    @property
    def steps_per_second(self) -> float | None:
        """Steps a second without pauses: of all nets together in lock-step, of the mean net at a free pace."""
        seconds = sum(self._seconds)
        return sum(self.counts) / len(self.counts) / seconds if seconds else None

    def earlier_rows(self) -> tuple[Rows, ...]:
        """Return what resumed runs measured before the step from which they continue, a Rows for each net."""
        return self.recording.earlier_rows(self.counts)

    def steps(self) -> Iterator[SessionUpdate]:
        """Train to the recipe's number of steps, yielding after each, and end the runs.

        It ends early where `interrupt` is called. Where rows, or the end of a run, can't be recorded, it yields the
        problem instead of going on, and tries to record again whenever it is asked for the next step.
        """
        recording = self.recording
        while True:
            if recording.problem:
                recording.retry()
            problem = recording.problem or (self._end() if self.done else "")
            if problem and not self._interrupted:
                yield SessionUpdate(self.counts, problem=problem)
                continue
            if problem or self.done:
                return
            try:
                self._step(self._next_trainers())
            except StepInterrupted:
                return
            yield self._record()

    def _end(self) -> str:
        """End the runs, all steps of which are done. Return why that can't be recorded, or ""."""
        try:
            self.close()
        except OSError as error:
            return user_message(error)
        return ""

    def _next_trainers(self) -> Sequence[int]:
        """Return which nets make the next step: at a free pace the one that has had the least time.

        Otherwise all of them, after a resumed one that is behind has caught up.
        """
        if not self.plan.free:
            return [index for index, count in enumerate(self.counts) if count == min(self.counts)]
        waiting = [index for index, count in enumerate(self.counts) if count < self.config.steps]
        return [min(waiting, key=self._seconds.__getitem__)]

    def _step(self, indices: Sequence[int]) -> None:
        began = time.perf_counter()
        self._lock_step.step(indices)
        if self.plan.free and self.device.type == "cuda":
            torch.cuda.synchronize(self.device)  # or a step would take no longer than its launches
        each = (time.perf_counter() - began) / len(indices)
        for index in indices:
            self._seconds[index] += each

    def _record(self) -> SessionUpdate:
        """Copy rows out where it is time, then save a checkpoint: a resumed run would not measure its rows again."""
        saves = self.recording.is_checkpoint_due()
        full = any(trainer.is_full for trainer in self._trainers)
        due = time.monotonic() - self._drained_at >= DRAIN_SECONDS or full or self.done or saves
        began = time.perf_counter()
        rows = self.drain() if due else ()
        if saves:
            self.recording.save([partial(_checkpoint, trainer) for trainer in self._trainers])
        # Where a GPU works on its own, the time that a step takes shows only here.
        for index in range(len(self._seconds)):
            self._seconds[index] += (time.perf_counter() - began) / len(self._seconds)
        return SessionUpdate(self.counts, rows, self.recording.problem)

    def set_learning_rate(self, rate: float) -> tuple[Rows, ...]:
        """Use another learning rate from the next step on, in all nets. Return the rows since the last call of `drain`.

        The change is an event of each run, and a checkpoint has it, so that a run that is killed continues with it.
        """
        for trainer in self._trainers:
            trainer.learning_rate.change(trainer.step_count, rate)
        rows = self.drain()
        self.recording.note_rate(rate)
        self.recording.save([partial(_checkpoint, trainer) for trainer in self._trainers])
        return rows

    def interrupt(self) -> None:
        """End `steps` soon, also within a long step. Call it from another thread."""
        self._interrupted = True
        for trainer in self._trainers:
            trainer.interrupt()

    def drain(self) -> tuple[Rows, ...]:
        """Copy out, record and return what was measured since the last call, a Rows for each net."""
        self._drained_at = time.monotonic()
        drained = tuple(trainer.drain() for trainer in self._trainers)
        self.recording.append(drained)
        return drained

    def close(self) -> list[RunInfo]:
        """End the runs, finished or stopped, with a checkpoint; a second call only returns how they ended."""
        if self._closed:
            return self.recording.infos
        if self.recording.is_running:
            self.drain()
        state: State = "finished" if self.done else "stopped"
        infos = self.recording.infos
        for index, trainer in enumerate(self._trainers):
            if infos and infos[index].state != "running":
                continue  # an earlier call came as far as this
            if index not in self._last_errors:  # every process has a part of it; a full disk is no reason to repeat it
                self._last_errors[index] = self._last_error(trainer)
            error = self._last_errors[index]
            if infos:
                checkpoint = partial(_checkpoint, trainer)
                self.recording.finish(index, state, checkpoint, steps_per_second=self.steps_per_second, **error)
        self._closed = True
        self._end_threads()
        return self.recording.infos

    def _last_error(self, trainer: Trainer) -> dict[str, float]:
        """Measure the held-out error of a finished run's weights.

        On a stop the last one that was measured stands: whoever stops doesn't want to wait for another.
        """
        if not self.done:
            return {}
        try:
            return {"error": trainer.evaluate()[1], "error_step": trainer.step_count}
        except StepInterrupted:
            return {}

    def fail(self, error: BaseException) -> None:
        """End the runs as failed; as interrupted where a process that trained with this one is gone."""
        message = user_message(error)
        state: State = "failed"
        self._closed = True
        if self.ranks.is_distributed and isinstance(error, RuntimeError):
            message, state = (
                _("A process was lost: {reason}. Continue with `resviz resume`.").format(reason=message),
                "interrupted",
            )
        self.recording.fail(message, state, self.steps_per_second)
        self._end_threads()

    def _end_threads(self) -> None:
        self._lock_step.close()
        for trainer in self._trainers:
            trainer.close()
        leave_group()


def _lock_runs(folders: Sequence[Path]) -> list[FileLock]:
    """Return the locks of runs that are to be resumed, held. Of several processes only the first records."""
    locks: list[FileLock] = []
    try:
        if is_first():
            for folder in folders:
                locks.append(lock_run(folder))
    except BaseException:
        for lock in locks:
            lock.release()
        raise
    return locks


def _checkpoint(trainer: Trainer) -> tuple[dict[str, np.ndarray], int]:
    return {name: np.asarray(value) for name, value in trainer.state_dict().items()}, trainer.step_count


def _load(trainer: Trainer, path: Path) -> bool:
    """Load a run's last checkpoint into its trainer. Return whether there is one."""
    tensors = {name: torch.from_numpy(value) for name, value in RunFolder(path).checkpoint().items()}
    if tensors:
        load_state(trainer, tensors, path)
    return bool(tensors)
