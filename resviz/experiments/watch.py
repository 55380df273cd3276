"""Watching a model in anybody's own training loop: each step is measured, and written as an ordinary run.

    watch = resviz.watch(model, optimizer=optimizer)
    for images, labels in loader:
        loss = criterion(model(images), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
    watch.close()

The training comes first: whatever goes wrong here is a warning, and never an exception in the loop.
"""

from __future__ import annotations

import atexit
import math
import warnings
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from resviz.base.errors import ResvizError, user_message
from resviz.base.translation import _
from resviz.experiments.watch_alerts import FiniteCheck, describe_silent
from resviz.experiments.watch_capture import capture_call
from resviz.experiments.watched_run import WatchedRun
from resviz.measurements.axes import AXES
from resviz.measurements.scalars import DEVICE_SCALARS
from resviz.training.recorder import Recorder
from resviz.training.watch_probes import (
    PARAMETER_QUANTITIES,
    RESPONSE_QUANTITIES,
    ResponseHooks,
    WeightMeter,
    find_places,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from torch.utils.hooks import RemovableHandle

    from resviz.training.watch_probes import Place

_watched: weakref.WeakKeyDictionary[nn.Module, Watch] = weakref.WeakKeyDictionary()
"""The watch of each model: a notebook cell that runs again ends the one before."""


class WatchWarning(UserWarning):
    """Something could not be measured or written. The training is as it would be without."""


class Watch:
    """Measures a model while another program trains it. Made by `resviz.watch`."""

    def __init__(
        self,
        model: nn.Module,
        folder: str | Path | None = None,
        *,
        optimizer: torch.optim.Optimizer | None = None,
        scaler: torch.amp.GradScaler | None = None,
        title: str = "",
        recipe: Mapping[str, Any] | None = None,
        group: str = "",
        responses: bool = True,
        every: int = 1,
        strict: bool = False,
    ) -> None:
        """Begin to watch. See `resviz.watch`."""
        self._strict = strict
        if isinstance(model, nn.parallel.DistributedDataParallel):
            model = model.module  # its layers have the names that they have without it
        self._compiled = hasattr(model, "_orig_mod")
        self._called = model
        self._model: nn.Module = getattr(model, "_orig_mod", model)
        self._optimizer, self._scaler, self._every = optimizer, scaler, max(every, 1)
        self._wants_responses = responses
        self._run = WatchedRun(folder, title, dict(recipe or {}), group)
        self._places: list[Place] = []
        self._recorder: Recorder | None = None
        self._meter: WeightMeter | None = None
        self._hooks: ResponseHooks | None = None
        self._handles: list[RemovableHandle] = []
        self._first_calls: list[RemovableHandle] = []
        """Hooks that wait for the first pass."""
        self._said: set[str] = set()
        self._is_first = not (torch.distributed.is_available() and torch.distributed.is_initialized()) or (
            torch.distributed.get_rank() == 0
        )
        """Whether this process measures and writes. If there are several, only the first does."""
        self._closed = self._paused = False
        self._steps = 0
        self._row: int | None = None
        """The step whose row is open: it was measured, and its update or its held-out error may still come."""
        self._held_out: dict[str, float] = {}
        self._finite = FiniteCheck(())
        if not self._is_first:
            return
        before = _watched.get(self._model)
        if before is not None:
            before.close()
        _watched[self._model] = self
        self._guard(self._attach)
        atexit.register(self.close)

    @property
    def folder(self) -> Path | None:
        """The run's folder, once it is made: at the first step."""
        return self._run.folder

    def step(self, loss: Tensor | float | None = None, *, error: Tensor | float | None = None) -> None:
        """Measure a step: call it between `loss.backward()` and the optimizer's step.

        Args:
            loss: The mean loss of the batch. Response gradients are per sample if it is a mean.
            error: The share of wrong answers in the batch, if it is known.
        """
        if self._is_first:
            self._guard(lambda: self._step(loss, error))

    def held_out(self, *, loss: float | None = None, error: float | None = None) -> None:
        """Note the loss and the share of wrong answers on held-out data, behind the last step.

        Args:
            loss: The mean loss.
            error: The share of wrong answers, from 0 to 1.
        """
        given = {"held_out_loss": loss, "held_out_error": error}
        self._guard(
            lambda: self._held_out.update({key: float(value) for key, value in given.items() if value is not None})
        )

    def note(self, *, loss: float) -> None:
        """Note the loss of the last step, where it is known only after `step()`."""

        def write() -> None:
            if self._recorder is not None and self._row is not None:
                self._recorder.write(DEVICE_SCALARS[0], 0, loss)

        self._guard(write)

    def close(self, message: str = "", state: str = "finished") -> None:
        """End the run, and take the hooks away."""
        if self._closed or not self._is_first:
            return
        self._guard(self._finish_row)
        self._guard(self._write)
        self._closed = True
        self._forget_first_calls()
        for handle in self._handles:
            handle.remove()
        if self._hooks is not None:
            self._hooks.remove()
        if self._recorder is not None:
            self._guard(lambda: self._run.end(state, message))
        self._say_problem()
        atexit.unregister(self.close)
        if _watched.get(self._model) is self:
            del _watched[self._model]

    def __enter__(self) -> Self:
        """Return the watch. At the end of the block it is closed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """End the run: as stopped after Ctrl-C, as failed after an error, which goes on."""
        if error is None:
            self.close()
        elif isinstance(error, KeyboardInterrupt):
            self.close(state="stopped")
        else:
            self.close(user_message(error) if isinstance(error, Exception) else repr(error)[:400], "failed")

    def _attach(self) -> None:
        """Wait for the first pass, which shows what the model reads; and for each update."""
        parts = [("", self._called)] if self._compiled else list(self._model.named_modules())
        self._first_calls = [
            part.register_forward_pre_hook(partial(self._first_call, name), with_kwargs=True) for name, part in parts
        ]
        if self._optimizer is not None:
            self._handles.append(self._optimizer.register_step_post_hook(self._after_update))

    def _first_call(self, name: str, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Begin with the outermost module that is called: some loops call a part of what they train."""
        if torch.compiler.is_compiling() or self._closed or self._paused or not module.training:
            return
        self._forget_first_calls()
        if self._recorder is None:
            self._guard(lambda: self._begin(name, args, named))
        self._handles.append(module.register_forward_pre_hook(self._before_forward))
        self._guard(self._begin_pass)

    def _forget_first_calls(self) -> None:
        for handle in self._first_calls:
            handle.remove()
        self._first_calls = []

    def _before_forward(self, *_: Any) -> None:
        if not (torch.compiler.is_compiling() or self._closed or self._paused):
            self._guard(self._begin_pass)

    def _begin_pass(self) -> None:
        if torch.is_grad_enabled() and self._model.training:
            if self._row is not None:
                self._finish_row()
            if self._hooks is not None:
                self._hooks.begin_pass()

    def _begin(self, called: str = "", args: tuple[Any, ...] = (), named: dict[str, Any] | None = None) -> None:
        """Find what there is to measure, and attach the hooks. `called` is the path of the module that is called."""
        self._paused = True
        try:
            graph = capture_call(self._model.get_submodule(called), args, named or {})
        finally:
            self._paused = False
        self._places = find_places(self._model, graph, called)
        if not self._places:
            raise ResvizError(_("The model has no weights that could be watched."))
        responds = self._wants_responses and not self._compiled
        quantities = PARAMETER_QUANTITIES + (RESPONSE_QUANTITIES if responds else ())
        device = self._places[0].weights[0].device
        places = {axis: len(self._places) if axis == "layer" else 0 for axis in AXES}
        self._recorder = Recorder(places, quantities, device)
        self._meter = WeightMeter(self._places, self._recorder)
        self._finite = FiniteCheck([place.name for place in self._places])
        if responds:
            self._hooks = ResponseHooks(self._model, self._places, self._recorder, self._guard)
        self._run.describe(self._model, graph, self._places, quantities, device, self._optimizer)
        if self._compiled and self._wants_responses:
            self._warn(
                _(
                    "The model is compiled, so its responses and their gradients are not measured. Weights and their "
                    "gradients are. Watch the model before torch.compile to measure both."
                )
            )

    def _step(self, loss: Tensor | float | None, error: Tensor | float | None) -> None:
        if self._closed:
            self._warn(_("The watch is closed: its steps are not measured any more."))
            return
        if self._recorder is None:
            self._begin()
        recorder, meter = self._recorder, self._meter
        assert recorder is not None
        assert meter is not None
        if self._row is not None:  # no pass came between, as where the gradients are computed elsewhere
            self._finish_row()
        step, self._steps = self._steps, self._steps + 1
        if step % self._every:
            self._forget_row()
            return
        has_gradients = meter.write_gradients(self._scale()) > 0
        if not has_gradients:
            text = _("No weight had a gradient at step {step}. Call step() behind loss.backward().")
            self._warn(text.format(step=step))
        for name, value in zip(DEVICE_SCALARS, (loss, error), strict=True):
            if value is not None:
                recorder.write(name, 0, value.detach() if isinstance(value, Tensor) else value)
        if self._hooks is not None:
            if has_gradients:
                silent = [place.name for at, place in enumerate(self._places) if at not in self._hooks.fired]
                self._warn(describe_silent(silent, len(self._places), step))
            if self._scaler is not None and self._scaler.is_enabled():
                gradients = recorder.of(RESPONSE_QUANTITIES[1].name)
                gradients /= float(self._scaler.get_scale())
        meter.before_update()
        self._row = step

    def _scale(self) -> float:
        """Return what the gradients of the weights are multiplied by: by a scaler, until it has taken that away."""
        scaler = self._scaler
        if scaler is None or not scaler.is_enabled():
            return 1.0
        states = getattr(scaler, "_per_optimizer_states", {})
        unscaled = any(getattr(state.get("stage"), "name", "READY") != "READY" for state in states.values())
        return 1.0 if unscaled else float(scaler.get_scale())

    def _after_update(self, *_: Any) -> None:
        if not self._closed and self._row is not None and self._meter is not None:
            self._guard(self._meter.after_update)

    def _finish_row(self) -> None:
        """End the open row: its update was made before the next pass."""
        recorder = self._recorder
        if recorder is None or self._row is None:
            return
        if self._optimizer is None and self._meter is not None:
            self._meter.after_update()
        rate = float(self._optimizer.param_groups[0]["lr"]) if self._optimizer is not None else math.nan
        recorder.finish_row(self._row, learning_rate=rate, **self._held_out)
        self._forget_row()
        if recorder.is_full or self._run.is_due():
            self._write()

    def _write(self) -> None:
        """Write the finished rows."""
        if self._recorder is not None and self._recorder.row:
            rows = self._recorder.drain()
            self._run.append(rows)
            self._say_problem()
            self._warn(self._finite.look(rows))

    def _forget_row(self) -> None:
        assert self._recorder is not None
        self._row, self._held_out = None, {}
        self._recorder.begin_row()
        if self._hooks is not None:
            self._hooks.begin_row()
            self._hooks.active = self._steps % self._every == 0

    def _say_problem(self) -> None:
        if self._run.problem:
            self._warn(
                _("Nothing can be written, and what is measured waits: {reason}").format(reason=self._run.problem)
            )

    def _guard(self, work: Callable[[], None]) -> None:
        """Do something that must never end the training."""
        try:
            work()
        except Exception as error:
            if self._strict:
                raise
            self._warn(_("Not measured: {reason}").format(reason=user_message(error)))

    def _warn(self, text: str) -> None:
        """Say a thing once; nothing where there is nothing to say."""
        if text and text not in self._said and len(self._said) < 20:
            self._said.add(text)
            warnings.warn(text, WatchWarning, stacklevel=4)
