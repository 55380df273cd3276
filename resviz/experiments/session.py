"""One sitting: nets trained in lock-step on the same batches, each written into a run folder of its own.

The window's worker and `resviz train` both drive this, step by step.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from resviz.base.errors import RunError, UsageError, user_message
from resviz.experiments.devices import default_threads, find_device
from resviz.experiments.run_description import describe_run, run_layers
from resviz.measurements.rows import Rows
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.runs.folder import RunFolder, RunWriter, new_id
from resviz.runs.records import RunInfo, State
from resviz.training.data.data_sets import default_data_folder, describe
from resviz.training.data.images import load
from resviz.training.distributed import join, leave, world
from resviz.training.recipe import TrainConfig, validate_recipe
from resviz.training.recorder import StepInterrupted
from resviz.training.trainer import Trainer, use_precision

DRAIN_SECONDS = 0.1
"""Rows are copied out, and written, at least this often: a kill loses no more, a live view lags no more."""
SAVE_SECONDS, SAVE_SHARE = 60.0, 0.05
"""Between checkpoints, and the most of the time that they take."""


@dataclass(frozen=True)
class SessionUpdate:
    """The state after a step: steps that each net has done, and the rows that were copied out since the last update, a
    Rows a net."""

    counts: tuple[int, ...]
    rows: tuple[Rows, ...] = ()
    problem: str = ""
    """Why rows can't be recorded: no step is made until they are."""

    @property
    def steps(self) -> int:
        """Of the net that is ahead; in lock-step, of all."""
        return max(self.counts)


class Session:
    """Trainers and run writers, driven together.

    Iterate over `steps()`; between any two steps it may be left alone for as long as one likes (pause), `drain()`ed, or
    ended by `close()`. Use it as a context manager: an error ends the runs as failed, and keeps what they have.
    """

    def __init__(
        self,
        specs: Sequence[NetSpec],
        config: TrainConfig,
        folder: Path,
        device: str = "cpu",
        threads: int | None = None,
        data_folder: Path | None = None,
        free: bool = False,
        resumed: Sequence[Path] = (),
        group: str = "",
    ) -> None:
        """`free` lets each net go at its own pace: each gets the same time, not the same number of steps. `resumed` are
        the folders of runs of these nets that go on, in the place of new ones: see `resume`. `group` is an id that runs
        of other sittings have, too. Of several processes the first alone has writers.

        Raises NetError, DataError or UsageError for wrong input, before anything is written; RunError where the
        folder can't be written."""
        self.config, self.device, self._free = config, find_device(device), free
        self._seconds = [0.0] * len(specs)
        self._interrupted = False
        torch.set_num_threads(threads or default_threads())
        self.ranks = join(self.device)
        if free and self.ranks.several:
            raise UsageError("each net at its own pace is no pace that several processes could keep; leave --free out")
        use_precision(config)
        data_folder = data_folder or default_data_folder(config.data)
        info = describe(config.data, data_folder, config.image_side)
        fitted = [config.fitted(spec, info) for spec in specs]
        self.specs = tuple(fitted)
        self.graphs = tuple(build(spec) for spec in fitted)
        images = load(config.data, config.seed, data_folder, config.held_out, config.image_side)
        self._trainers = [Trainer(graph, config, images, self.device, ranks=self.ranks) for graph in self.graphs]
        group = group or (new_id() if len(specs) > 1 else "")
        self.layers = tuple(run_layers(graph, config) for graph in self.graphs)
        self.writers: list[RunWriter] = []
        try:
            for path, trainer in zip(resumed, self._trainers, strict=False):
                if not self.ranks.rank:
                    self.writers.append(RunWriter.resumed(path, config.model_dump(mode="json")))
                _load(trainer, path)
            new = () if resumed or self.ranks.rank else zip(fitted, self.layers, strict=True)
            for spec, layers in new:
                self.writers.append(
                    RunWriter(folder, describe_run(spec, config, self.device, self.ranks, group), layers)
                )
        except BaseException as error:
            self.fail(error)
            raise
        self._drained_at = self._saved_at = time.monotonic()
        self._save_seconds = 0.0
        self._closed = False
        self._problem = ""

    @classmethod
    def resume(cls, path: Path, steps: int | None = None, device: str = "", data_folder: Path | None = None) -> Session:
        """Goes on with a run from its last checkpoint, or from its beginning where it has none: on the CPU bit by bit
        as if it had never stopped. `steps` are more than its recipe's, where it is to go on further.

        Raises RunError where it can't be read, is being written, or has no step left to do.
        """
        run = RunFolder(path)
        config = validate_recipe(run.info.recipe, str(path))
        if steps is not None and steps < config.steps:
            raise RunError(f"{path}: its recipe has {config.steps} steps, and {steps} are fewer; leave --steps out")
        if steps is not None and steps > config.steps:
            if config.schedule == "cosine":
                raise RunError(f"{path}: its cosine schedule ends after {config.steps} steps; leave --steps out")
            config = config.model_copy(update={"steps": steps})
        if run.info.state == "finished" and run.info.steps >= config.steps:
            raise RunError(f"{path}: all {run.info.steps} steps are done; more, by --steps, will do")
        threads = run.info.versions.get("threads", "")
        same = run.info.versions.get("processes", "1") == str(max(1, world()))
        count = int(threads) if same and threads.isdigit() and len(threads) < 5 else None
        return cls([run.info.net], config, path.parent, device or run.info.device, count, data_folder, resumed=(path,))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | GeneratorExit | SystemExit):
            self.close()
        else:
            self.fail(error)

    @property
    def counts(self) -> tuple[int, ...]:
        """Steps that each net has done."""
        return tuple(trainer.step_count for trainer in self._trainers)

    @property
    def done(self) -> bool:
        return min(self.counts) >= self.config.steps

    @property
    def steps_per_second(self) -> float | None:
        """Of the whole sitting, pauses left out: of all nets together in lock-step, of the mean net at a free pace."""
        seconds = sum(self._seconds)
        return sum(self.counts) / len(self.counts) / seconds if seconds else None

    def earlier_rows(self) -> tuple[Rows, ...]:
        """Of runs that go on what was measured before the step that they go on from, a Rows a net."""
        found = []
        for writer, count in zip(self.writers, self.counts, strict=bool(self.writers)):
            rows = RunFolder(writer.folder).rows() if count else {}
            kept = rows["step"] < count if rows else np.empty(0, bool)
            found.append({name: values[kept] for name, values in rows.items()})
        return tuple(found)

    def steps(self) -> Iterator[SessionUpdate]:
        """Trains to the recipe's number of steps, yielding after each; ends early where `interrupt` is called.

        Where what is measured can't be recorded, it yields the problem instead of training on, and tries to record
        again whenever it is asked for the next step.
        """
        while not self.done or self._problem:
            if self._problem:
                self._record_again()
            if self._problem and self._interrupted:
                return
            if self._problem:
                yield SessionUpdate(self.counts, problem=self._problem)
                continue
            if self.done:
                return
            try:
                for index in self._turn():
                    began = time.perf_counter()
                    self._trainers[index].step()
                    if self._free and self.device.type == "cuda":
                        torch.cuda.synchronize(self.device)  # or a step would take no longer than its launches
                    self._seconds[index] += time.perf_counter() - began
            except StepInterrupted:
                return
            full = any(trainer.full for trainer in self._trainers)
            saves = self._is_time_to_save()
            due = time.monotonic() - self._drained_at >= DRAIN_SECONDS or full or self.done or saves
            began = time.perf_counter()
            rows = self.drain() if due else ()
            if saves:  # behind its rows: a run that goes on from here would not measure them again
                self._save()
            update = SessionUpdate(self.counts, rows, self._problem)
            # Where a GPU works on its own, the time that a step takes shows only here.
            for index in range(len(self._seconds)):
                self._seconds[index] += (time.perf_counter() - began) / len(self._seconds)
            yield update

    def _is_time_to_save(self) -> bool:
        """Each minute, or less often where it takes long."""
        return time.monotonic() - self._saved_at >= max(SAVE_SECONDS, self._save_seconds / SAVE_SHARE)

    def _save(self) -> None:
        """A checkpoint: what a killed run goes on from."""
        if self._problem:
            return
        now = time.monotonic()
        for writer, trainer in zip(self.writers, self._trainers, strict=bool(self.writers)):
            self._recorded(lambda writer=writer, trainer=trainer: self._checkpoint(writer, trainer))  # type: ignore[misc]
        self._saved_at = time.monotonic()
        self._save_seconds = self._saved_at - now

    @staticmethod
    def _checkpoint(writer: RunWriter, trainer: Trainer) -> None:
        writer.checkpoint({name: np.asarray(value) for name, value in trainer.state_dict().items()}, trainer.step_count)

    def _turn(self) -> Sequence[int]:
        """Which nets make the next step: all, or at a free pace the one that has had the least time."""
        if not self._free:
            return range(len(self._trainers))
        waiting = [index for index, count in enumerate(self.counts) if count < self.config.steps]
        return [min(waiting, key=self._seconds.__getitem__)]

    def interrupt(self) -> None:
        """Ends `steps` soon, in the middle of one where it takes long; to be called from another thread."""
        self._interrupted = True
        for trainer in self._trainers:
            trainer.interrupt()

    def drain(self) -> tuple[Rows, ...]:
        """Copies out what was measured since the last time, writes it into the runs, and returns it, a Rows a net."""
        self._drained_at = time.monotonic()
        drained = tuple(trainer.drain() for trainer in self._trainers)
        for writer, rows in zip(self.writers, drained, strict=bool(self.writers)):
            self._recorded(lambda writer=writer, rows=rows: writer.append(rows))  # type: ignore[misc]
        return drained

    def _recorded(self, write: Callable[[], None]) -> None:
        """What can't be written (a full disk, a folder deleted or read-only) is a problem, and no end."""
        try:
            write()
        except OSError as error:
            self._problem = user_message(error)

    def _record_again(self) -> None:
        self._problem = ""
        for writer in self.writers:
            self._recorded(writer.flush)

    def close(self) -> list[RunInfo]:
        """Ends the runs, finished or stopped, with a checkpoint; a second call only tells how they ended."""
        if self._closed:
            return [writer.info for writer in self.writers]
        writers: Sequence[RunWriter | None] = self.writers or [None] * len(self._trainers)
        if all(writer is None or writer.info.state == "running" for writer in writers):
            self.drain()
        state: State = "finished" if self.done else "stopped"
        for writer, trainer in zip(writers, self._trainers, strict=True):
            if writer is not None and writer.info.state != "running":
                continue  # an earlier call came as far as this
            error = self._last_error(trainer)  # of which every process has a part
            if writer is not None:
                self._checkpoint(writer, trainer)
                writer.finish(state, steps_per_second=self.steps_per_second, **error)
        self._closed = True
        self._end_threads()
        return [writer.info for writer in self.writers]

    def _last_error(self, trainer: Trainer) -> dict[str, float]:
        """The held-out error of a finished run's weights. On a stop the last one that was measured stands: whoever
        stops doesn't want to wait for another."""
        if not self.done:
            return {}
        try:
            return {"error": trainer.evaluate()[1], "error_step": trainer.step_count}
        except StepInterrupted:
            return {}

    def fail(self, error: BaseException) -> None:
        """Ends the runs as failed, keeping every row that was written; as interrupted where a process that trained with
        this one is gone."""
        message = user_message(error)
        state: State = "failed"
        self._closed = True
        if self.ranks.several and isinstance(error, RuntimeError):
            message, state = f"a process was lost: {message}", "interrupted"
        for writer in self.writers:
            # What one folder can't take any more (a full disk, a folder deleted) must not keep the next from its end.
            with contextlib.suppress(OSError):
                if writer.info.state == "running":
                    writer.finish(state, message=message, steps_per_second=self.steps_per_second)
        self._end_threads()

    def _end_threads(self) -> None:
        for trainer in self._trainers:
            trainer.close()
        leave()


def _load(trainer: Trainer, path: Path) -> None:
    """The run's last checkpoint into its trainer."""
    tensors = {name: torch.from_numpy(value) for name, value in RunFolder(path).checkpoint().items()}
    if tensors:
        try:
            trainer.load_state_dict(tensors)
        except (RuntimeError, KeyError) as error:
            why = " ".join(str(error).split())[:200]
            raise RunError(f"{path}: its checkpoint is of another net: {why}") from None
