"""The worker thread: owns a Session, speaks to the window by a bounded queue and by signals.

What was measured goes through the queue, which the window empties at its own pace; signals carry only changes of state.
Torch is first imported here, off the GUI thread.
"""

from __future__ import annotations

import gc
import queue
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal, Slot
from typing_extensions import override

from resviz.base.errors import user_message
from resviz.base.memory import return_freed_memory
from resviz.gui.workers.patience import seconds_left
from resviz.gui.workers.runner import Message, RowsMessage, StartMessage, TrainingJob

if TYPE_CHECKING:
    from resviz.experiments.session import Session

QUEUE_LENGTH = 256
_WAIT = 0.05


class ThreadRunner(QObject):
    """A Runner in a QThread. Its methods return at once (`shut_down` soon); `state_changed` says what came of them.

    States: preparing, running, paused, and at the end finished, stopped or failed; the second argument is the reason
    of a failure, fit to be shown.
    """

    state_changed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: _Worker | None = None

    def start(self, job: TrainingJob) -> None:
        """Start a job, unless another one is running."""
        if self.is_alive():
            return
        if self._worker:
            self._worker.deleteLater()
        self._worker = _Worker(job, self)
        self._worker.state_changed.connect(self._tell)
        self._worker.start()

    def pause(self) -> None:
        """Pause after the current step."""
        if self._worker:
            self._worker.controls.set("pause")

    def resume(self) -> None:
        """Continue after a pause."""
        if self._worker:
            self._worker.controls.set("run")

    def set_learning_rate(self, rate: float) -> None:
        """Use another learning rate from the next step on."""
        if self._worker:
            self._worker.controls.want_rate(rate)

    def step_once(self) -> None:
        """Train one step, then pause."""
        if self._worker:
            self._worker.controls.allow_one()

    def run_to(self, step: int) -> None:
        """Train until so many steps are done, then pause."""
        if self._worker:
            self._worker.controls.run_to(step)

    def stop(self) -> None:
        """Stop, within a step. The run is kept."""
        if self._worker:
            self._worker.stop()

    def take(self) -> list[Message]:
        """Return what has come since the last call; never waits."""
        return self._worker.take() if self._worker else []

    def is_alive(self) -> bool:
        """Return whether the worker's thread still runs."""
        return self._worker is not None and self._worker.isRunning()

    def shut_down(self) -> None:
        """Stop, and wait a little until the run is closed."""
        self.stop()
        if self._worker:
            self._worker.wait(int(seconds_left() * 1000))

    @Slot(str, str)
    def _tell(self, state: str, message: str) -> None:
        self.state_changed.emit(state, message)


class _Controls:
    """What the window wants, and single steps it has allowed; shared by the two threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted = "run"
        self._single_steps = 0
        self._pause_at: int | None = None
        self._rate: float | None = None

    @property
    def wanted(self) -> str:
        return self._wanted

    def set(self, wanted: str) -> None:
        with self._changed:
            if self._wanted != "stop":  # a stop is final
                self._wanted = wanted
            self._changed.notify_all()

    def run_to(self, step: int) -> None:
        with self._changed:
            self._pause_at = step
        self.set("run")

    def want_rate(self, rate: float) -> None:
        with self._changed:
            self._rate = rate

    def take_rate(self) -> float | None:
        """Return the learning rate that the next step is to use, once; None where the window wants no other."""
        with self._changed:
            rate, self._rate = self._rate, None
            return rate

    def done(self, steps: int) -> None:
        """To be told after each step: pauses where it is the one to run to."""
        with self._changed:
            if self._pause_at is not None and steps >= self._pause_at:
                self._pause_at = None
                if self._wanted == "run":
                    self._wanted = "pause"

    def allow_one(self) -> None:
        with self._changed:
            self._single_steps += 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Return when the next step may be made, or the run is to stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted != "pause" or self._single_steps)
            if self._wanted == "pause":
                self._single_steps -= 1
            else:
                self._single_steps = 0


class _Worker(QThread):
    state_changed = Signal(str, str)

    def __init__(self, job: TrainingJob, parent: QObject) -> None:
        super().__init__(parent)
        self.controls = _Controls()
        self._job = job
        self._told = ""
        self._session: Session | None = None
        self._queue: queue.Queue[Message] = queue.Queue(QUEUE_LENGTH)

    def stop(self) -> None:
        """End the run after this step, or in the middle of one that takes long."""
        self.controls.set("stop")
        session = self._session
        if session is not None:
            session.interrupt()

    def take(self) -> list[Message]:
        taken = []
        while True:
            try:
                taken.append(self._queue.get_nowait())
            except queue.Empty:
                return taken

    @override
    def run(self) -> None:
        self._run()
        self._session = None
        return_freed_memory()

    def _run(self) -> None:
        self._tell("preparing")
        # A collection that goes through torch and a deep net's modules holds every thread for a third of a second: none
        # while they are made, and none of them afterwards.
        gc.disable()
        try:
            from resviz.experiments.session import Session
            from resviz.experiments.training_plan import TrainingPlan, resume_plan

            job = self._job
            if self.controls.wanted == "stop":  # while torch was loading: nothing has begun, nothing is kept
                self._tell("stopped")
                return
            if job.pause_at is not None:
                self.controls.run_to(job.pause_at)
            if job.resumed:
                made = Session(resume_plan(job.resumed, job.config.steps, job.device))
            else:
                made = Session(TrainingPlan(job.specs, job.config, job.folder, job.device, free=job.free))
            with made as session:
                self._session = session
                if self.controls.wanted == "stop":
                    session.interrupt()
                gc.freeze()
                gc.enable()
                self._train(session)
                if not session.done:
                    self._tell("stopped")  # at once: the checkpoint of a deep net takes seconds
                state = session.close()[0].state
        except Exception as error:  # whatever it is, the window says it and lives on
            self._tell("failed", _error_message(error))
        else:
            self._tell(state)
        finally:
            gc.enable()
            gc.unfreeze()

    def _tell(self, state: str, message: str = "") -> None:
        """Say a state once, however often it is come to."""
        if state != self._told:
            self._told = state
            self.state_changed.emit(state, message)

    def _train(self, session: Session) -> None:
        folders = tuple(writer.folder for writer in session.recording.writers)
        self._put(
            StartMessage(session.layers, folders, str(session.device), session.device_problem, session.earlier_rows())
        )
        self._tell("running")
        for update in session.steps():
            self.controls.done(update.steps)
            wanted = "run" if session.done else self.controls.wanted
            # What is paused or stopped on is what is shown.
            rows = update.rows or (session.drain() if wanted != "run" else ())
            self._put(RowsMessage(update.counts, session.steps_per_second, rows))
            if update.problem and wanted == "run":  # what can't be recorded is not trained on
                self.controls.set("pause")
                wanted = self.controls.wanted
            if wanted == "pause":
                self._tell("paused", update.problem)
                self.controls.wait()
                wanted = self.controls.wanted
            if wanted == "stop":
                return
            rate = self.controls.take_rate()
            if rate is not None and not session.done:
                self._put(RowsMessage(update.counts, session.steps_per_second, session.set_learning_rate(rate)))
            if wanted == "run":
                self._tell("running")

    def _put(self, message: Message) -> None:
        """Wait while the window is behind: a bounded queue. When it has gone away, the message is on disk anyway."""
        while True:
            try:
                self._queue.put(message, timeout=_WAIT)
                return
            except queue.Full:
                if self.controls.wanted == "stop":
                    return


def _error_message(error: Exception) -> str:
    return user_message(error)
