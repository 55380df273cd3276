"""The rows of a watched training: opened by a step, completed by its update, and written now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from resviz.base.translation import _
from resviz.experiments.updates import Updates
from resviz.experiments.watch_alerts import Alerts, describe_silent, describe_taken_away

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch

    from resviz.experiments.mirror import Mirror
    from resviz.experiments.watch_notices import Notices
    from resviz.experiments.watched_run import WatchedRun
    from resviz.runs.records import RunAlert
    from resviz.training.step_meter import StepMeter


class WatchedRows:
    """Measures row after row with a StepMeter, and hands them to the run, to a logger, and to those who want alerts."""

    def __init__(
        self,
        run: WatchedRun,
        notices: Notices,
        step: Callable[[], None],
        *,
        scaler: torch.amp.GradScaler | None,
        every: int,
        clipped: bool,
        mirror: Mirror | None,
        on_alert: Callable[[RunAlert], None] | None,
        writes: bool,
    ) -> None:
        """Wait for `begin`.

        Args:
            run: Where the rows are written.
            notices: What says what is wrong.
            step: Makes a step of the watch, where the optimizer's step is one.
            scaler: The loss scaler.
            every: Steps from one row to the next.
            clipped: Whether the gradients that the optimizer is given are measured too.
            mirror: What hands the numbers on to a logger.
            on_alert: Told of each alert.
            writes: Whether this process writes; of several, the first does.
        """
        self._run, self._notices, self._step = run, notices, step
        self._every, self._clipped = max(every, 1), clipped
        self._mirror, self._on_alert, self._writes = mirror, on_alert, writes
        self.scaler = scaler
        self.steps_itself = False
        """Whether the optimizer's step is a step of the watch, without a call of `step()`."""
        self.updates = Updates(self._before_update, lambda: notices.guard(self._measure_update))
        self.held_out: dict[str, float] = {}
        """What was measured on held-out data behind the open row."""
        self._meter: StepMeter | None = None
        self._alerts = Alerts(())
        self._steps = 0
        self._row: int | None = None
        """The step whose row is open: it was measured, and its update or its held-out error may still come."""

    @property
    def have_begun(self) -> bool:
        """Whether it is known what is measured."""
        return self._meter is not None

    def begin(self, meter: StepMeter) -> None:
        """Measure with this meter from now on."""
        self._meter = meter
        self._alerts = Alerts([place.name for place in meter.places])

    def begin_pass(self) -> None:
        """Begin a forward pass: what is open is complete."""
        if self._row is not None:
            self._finish_row()
        self.updates.begin_pass()
        if self._meter is not None:
            self._meter.begin_pass()

    def note_loss(self, loss: Tensor | float) -> None:
        """Note the loss of the open row."""
        if self._meter is not None and self._row is not None:
            self._meter.note_loss(loss)

    def step(
        self,
        loss: Tensor | float | None,
        error: Tensor | float | None,
        scalars: Mapping[str, Tensor | float],
        *,
        called: bool,
    ) -> None:
        """Open a row, and measure gradients into it. `called` says whether the model has been called at all."""
        meter = self._meter
        assert meter is not None
        if self._row is not None:  # no pass came between, as where the gradients are computed elsewhere
            self._finish_row()
        step, self._steps = self._steps, self._steps + 1
        if step % self._every:
            self._forget_row()
            return
        if isinstance(loss, Tensor) and loss.numel() != 1:
            self._notices.warn(_("The loss is not one number. Pass the mean loss of the batch."))
            loss = None
        if meter.measure(loss, error, self._scale()):
            silent = meter.finish_responses(self._loss_scale())
            gone = meter.taken_away if silent else []
            text = describe_taken_away(gone) or describe_silent(silent or [], len(meter.places), step)
            self._notices.warn(text, once="" if gone or len(silent or ()) < len(meter.places) else "all silent")
        else:
            text = (
                _("No weight had a gradient at step {step}. Call step() behind loss.backward() and before zero_grad().")
                if called
                else _("The watched model was not called before step {step}. Is it the one that is trained?")
            )
            self._notices.warn(text.format(step=step), once="no gradient")
            if not called:
                self._forget_row()
                return
        if self._mirror is not None:
            self._mirror.keep(step, scalars)
        if self.updates.came_early:
            self._notices.warn(_("Call step() before the optimizer's step: behind it the update can't be measured."))
        else:
            meter.before_update()
        self._row = step
        self.updates.begin_row()

    def _loss_scale(self) -> Tensor | float:
        if self.scaler is None or not self.scaler.is_enabled():
            return 1.0
        # `get_scale` would wait for the device.
        scale = getattr(self.scaler, "_get_scale_async", self.scaler.get_scale)()
        return 1.0 if scale is None else scale if isinstance(scale, Tensor) and scale.is_cuda else float(scale)

    def _scale(self) -> Tensor | float:
        """Return what the gradients of the weights are multiplied by: by a scaler, until it has taken that away."""
        states = getattr(self.scaler, "_per_optimizer_states", {})
        unscaled = any(getattr(state.get("stage"), "name", "READY") != "READY" for state in states.values())
        return 1.0 if unscaled else self._loss_scale()

    def _before_update(self) -> None:
        if self.steps_itself and self._row is None:
            self._step()
        if self._clipped and self._row is not None:
            self._notices.guard(self._measure_clipped)

    def _measure_clipped(self) -> None:
        if self._meter is not None:
            self._meter.measure_clipped(self._scale())

    def _measure_update(self) -> None:
        if self._meter is not None:
            self._meter.measure_update()

    def flush(self) -> None:
        """Complete the open row, and write all that was measured."""
        self._finish_row()
        self._write()

    def end(self, state: str, message: str) -> None:
        """End the run."""
        if self._meter is not None:
            self._meter.remove()
            self._run.end(state, message)
        self._say_problem()

    def _finish_row(self) -> None:
        """End the open row: its update was made before the next pass."""
        if self._meter is None or self._row is None:
            return
        self._meter.finish_row(self._row, learning_rate=self.updates.learning_rate, **self.held_out)
        self._forget_row()
        if self._meter.is_full or self._run.is_due():
            self._write()

    def _write(self) -> None:
        """Write the finished rows, and say what they show."""
        if self._meter is None:
            return
        rows, measured = self._meter.drain()
        if not self._writes or not measured:
            return
        self._run.append(rows)
        self._say_problem()
        if self._mirror is not None:
            self._mirror.write(rows, self._meter.place_names)
        for alert in self._alerts.look(rows, measured):
            self._run.note(alert)
            self._notices.warn(alert.text)
            if self._on_alert is not None:
                self._on_alert(alert)

    def _forget_row(self) -> None:
        assert self._meter is not None
        self._row, self.held_out = None, {}
        self.updates.end_row()
        self._meter.begin_row(active=self._steps % self._every == 0)

    def _say_problem(self) -> None:
        if self._run.problem:
            self._notices.warn(
                _("Nothing can be written, and what is measured waits: {reason}").format(reason=self._run.problem)
            )
