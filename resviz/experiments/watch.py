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
import functools
import sys
import weakref
from typing import TYPE_CHECKING, Any, Self, TypeVar

import torch
from torch import Tensor, nn

from resviz.base.errors import ResvizError, user_message
from resviz.base.translation import _
from resviz.experiments.first_call import FirstCall
from resviz.experiments.mirror import Mirror
from resviz.experiments.watch_capture import capture_call
from resviz.experiments.watch_notices import Notices, WatchWarning
from resviz.experiments.watched_rows import WatchedRows
from resviz.experiments.watched_run import WatchedRun
from resviz.training.activation_hooks import find_nonlinearities
from resviz.training.quiet_hooks import QuietHook
from resviz.training.slice_probe import SAMPLES
from resviz.training.step_meter import StepMeter
from resviz.training.watch_places import find_places, refuse_flat_weights
from resviz.training.watch_probes import numbers_of
from resviz.training.weight_meter import is_spread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from torch.utils.hooks import RemovableHandle

    from resviz.experiments.mirror import ScalarWriter
    from resviz.runs.records import RunAlert

    Step = TypeVar("Step", bound=Callable[..., Any])

__all__ = ["Watch", "WatchWarning"]


def is_watched(model: nn.Module) -> bool:
    """Return whether a model is watched now."""
    return model in _watched


_watched: weakref.WeakKeyDictionary[nn.Module, Watch] = weakref.WeakKeyDictionary()
"""The watch of each model: a notebook cell that runs again ends the one before."""


class Watch:
    """Measures a model while another program trains it. Made by `resviz.watch`."""

    def __init__(
        self,
        model: nn.Module,
        folder: str | Path | None = None,
        *,
        optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer] | None = None,
        scaler: torch.amp.GradScaler | None = None,
        title: str = "",
        recipe: Mapping[str, Any] | None = None,
        group: str = "",
        responses: bool = True,
        clipped: bool = False,
        every: int = 1,
        also: ScalarWriter | None = None,
        on_alert: Callable[[RunAlert], None] | None = None,
        strict: bool = False,
    ) -> None:
        """Begin to watch. See `resviz.watch`."""
        if isinstance(model, nn.parallel.DistributedDataParallel):
            model = model.module  # its layers have the names that they have without it
        self._compiled = hasattr(model, "_orig_mod")
        self._called = model
        self._model: nn.Module = getattr(model, "_orig_mod", model)
        if isinstance(self._model, nn.parallel.DistributedDataParallel):
            self._model = self._model.module
        self._spread = any(is_spread(weight) for weight in self._model.parameters())
        self._wants_responses, self._wants_clipped = responses, clipped
        self._run = WatchedRun(folder, title, dict(recipe or {}), group)
        self._notices = Notices(strict)
        self._handles: list[RemovableHandle] = []
        self._first_call: FirstCall | None = None
        self._is_first = not (torch.distributed.is_available() and torch.distributed.is_initialized()) or (
            torch.distributed.get_rank() == 0
        )
        """Whether this process writes. If there are several, only the first does."""
        self._closed = self._paused = False
        self._rows = WatchedRows(
            self._run,
            self._notices,
            self.step,
            scaler=scaler,
            every=every,
            clipped=clipped,
            mirror=Mirror(also) if also is not None else None,
            on_alert=on_alert,
            writes=self._is_first,
        )
        if not (self._is_first or self._spread):
            return
        before = _watched.get(self._model)
        if before is not None:
            before.close()
        _watched[self._model] = self
        given = [optimizer] if isinstance(optimizer, torch.optim.Optimizer) else list(optimizer or ())
        self._notices.guard(lambda: self._attach(given))
        atexit.register(self._close_at_exit)

    @property
    def folder(self) -> Path | None:
        """The run's folder, once it is made: at the first step."""
        return self._run.folder

    def step(
        self, loss: Tensor | float | None = None, *, error: Tensor | float | None = None, **scalars: Tensor | float
    ) -> None:
        """Measure a step: call it between `loss.backward()` and the optimizer's step.

        Args:
            loss: The mean loss of the batch. Response gradients are per sample if it is a mean.
            error: The share of wrong answers in the batch, if it is known.
            scalars: Other numbers of the step. They are handed on to `also`; the run does not keep them.
        """
        if self._is_first or self._spread:
            self._notices.guard(lambda: self._step(loss, error, scalars))

    def held_out(self, *, loss: float | None = None, error: float | None = None) -> None:
        """Note the loss and the share of wrong answers on held-out data, behind the last step.

        Args:
            loss: The mean loss.
            error: The share of wrong answers, from 0 to 1.
        """
        given = {"held_out_loss": loss, "held_out_error": error}
        self._notices.guard(
            lambda: self._rows.held_out.update({key: float(value) for key, value in given.items() if value is not None})
        )

    def note(self, *, loss: Tensor | float) -> None:
        """Note the loss of the last step, where it is known only after `step()`."""
        self._notices.guard(lambda: self._rows.note_loss(loss))

    def __call__(self, function: Step) -> Step:
        """Return a function that makes a training step, with that step measured. Its first number is the loss.

        The function calls backward and the optimizer's step, and not `step()`. The optimizer has to be known.
        """

        @functools.wraps(function)
        def measured(*args: Any, **named: Any) -> Any:
            before, self._rows.steps_itself = self._rows.steps_itself, True
            try:
                result = function(*args, **named)
            finally:
                self._rows.steps_itself = before
            loss = next(numbers_of(result), None)
            if loss is not None:
                self.note(loss=loss)
            return result

        if self._rows.updates.first is None and (self._is_first or self._spread):
            self._notices.warn(_("Give the watch its optimizer: a function is measured at the optimizer's step."))
        return measured  # type: ignore[return-value]

    def begin(self, *args: Any, **named: Any) -> None:
        """Begin with what the model is about to be called with, and wait for no call that shows it."""
        if self._first_call is not None:
            self._first_call.stop()
            self._begin_with("", self._called, args, named)

    def follow(
        self,
        optimizer: torch.optim.Optimizer,
        scaler: torch.amp.GradScaler | None = None,
        *,
        steps_itself: bool = False,
    ) -> None:
        """Follow one more optimizer of the model, and a scaler. Its steps are the watch's own, if `steps_itself`."""
        self._rows.scaler = scaler or self._rows.scaler
        self._rows.steps_itself = self._rows.steps_itself or steps_itself
        self._rows.updates.follow(optimizer)
        self._run.know(optimizer)

    def close(self, message: str = "", state: str = "finished") -> None:
        """End the run, and take the hooks away."""
        if self._closed or not (self._is_first or self._spread):
            return
        self._notices.guard(self._rows.flush)
        self._closed = True
        if self._first_call is not None:
            self._first_call.stop()
        self._rows.updates.remove()
        for handle in self._handles:
            handle.remove()
        self._notices.guard(lambda: self._rows.end(state, message))
        atexit.unregister(self._close_at_exit)
        if _watched.get(self._model) is self:
            del _watched[self._model]

    def _close_at_exit(self) -> None:
        """End the run with the program: as failed, where an error that nobody caught has ended it."""
        error = getattr(sys, "last_value", None)
        if error is None or hasattr(sys, "ps1"):  # at a prompt an error ends nothing
            self.close()
        else:
            self.__exit__(type(error), error, None)

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

    def _attach(self, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        """Wait for the first pass, which shows what the model reads; and for each update."""
        refuse_flat_weights(self._model)
        parts = [("", self._called)] if self._compiled else list(self._model.named_modules())
        self._first_call = FirstCall(parts, self._begin_with)
        for optimizer in optimizers:
            self.follow(optimizer)

    def _begin_with(self, name: str, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Begin with the outermost module that is called: some loops call a part of what they train."""
        if self._closed:
            return
        if not self._rows.have_begun:
            self._notices.guard(lambda: self._begin(name, args, named))
        self._handles.append(module.register_forward_pre_hook(QuietHook(self._before_forward)))
        self._notices.guard(self._begin_pass)

    def _before_forward(self, *_: Any) -> None:
        if not (torch.compiler.is_compiling() or self._closed or self._paused):
            self._notices.guard(self._begin_pass)

    def _begin_pass(self) -> None:
        if torch.is_grad_enabled() and self._model.training:
            self._rows.begin_pass()

    def _begin(self, called: str = "", args: tuple[Any, ...] = (), named: dict[str, Any] | None = None) -> None:
        """Find what there is to measure, and attach the hooks. `called` is the path of the module that is called."""
        refuse_flat_weights(self._model)
        net = None
        if not self._spread:  # capturing would gather the weights of all processes, in one of them
            self._paused = True
            try:
                net = capture_call(self._model.get_submodule(called), args, named or {})
            finally:
                self._paused = False
        places = find_places(self._model, net.graph if net is not None else None, called)
        if not places:
            raise ResvizError(_("The model has no weights that could be watched."))
        # Hooks don't fire in compiled code; what a slice measures are responses.
        activations = [] if self._compiled else find_nonlinearities(self._model, net.graph if net else None, called)
        meter = StepMeter(places, activations, responses=self._wants_responses, clipped=self._wants_clipped)
        self._rows.begin(meter)
        if not self._is_first:
            return
        if self._wants_responses:
            compiled = self._called if self._compiled else None
            meter.attach(self._model, compiled, self._notices.guard)
        self._run.describe(self._model, net, meter, self._rows.updates.first)
        if self._compiled and self._wants_responses:
            self._notices.warn(
                _(
                    "The model is compiled. Its responses and their gradients are measured on the model that it was "
                    "made from, with the first {count} samples of each batch. every=10 costs a tenth of it."
                ).format(count=SAMPLES)
            )

    def _step(
        self, loss: Tensor | float | None, error: Tensor | float | None, scalars: Mapping[str, Tensor | float]
    ) -> None:
        if self._closed:
            self._notices.warn(_("The watch is closed: its steps are not measured any more."))
            return
        if not self._rows.have_begun:
            self._begin()
        called = self._first_call is None or not self._first_call.waits
        self._rows.step(loss, error, scalars, called=called)
