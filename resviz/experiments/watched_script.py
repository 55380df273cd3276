"""Runs somebody's training script unchanged, and watches the modules that it trains.

While the script runs, three things of torch are replaced in this process: what a module does when it is called, which
shows the outermost modules; `Tensor.backward`, which has the loss; and `GradScaler.scale`. They are put back then.
"""

from __future__ import annotations

import runpy
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from resviz.experiments.watch import Watch, is_watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class ScriptWatcher:
    """Watches every module that is called by itself, in training mode, and whose weights an optimizer changes."""

    def __init__(self, folder: Path | None, **options: Any) -> None:
        """Prepare to watch; `options` are those of `resviz.watch`."""
        self._folder, self._options = folder, options
        self._watches: dict[nn.Module, Watch] = {}
        self._own: dict[nn.Module, set[int]] = {}
        """Identities of the weights of each watched module."""
        self._followed: set[tuple[int, int]] = set()
        self._depth = threading.local()
        self._loss: Tensor | None = None
        self._scaler: Any = None

    @property
    def count(self) -> int:
        """How many modules were watched."""
        return len(self._watches)

    @property
    def folders(self) -> list[Path]:
        """The folders of the runs that were written."""
        return [watch.folder for watch in self._watches.values() if watch.folder is not None]

    def run(self, script: Path, arguments: Sequence[str]) -> None:
        """Run a script as Python would, to its end. What it raises goes on."""
        argv, path = sys.argv, list(sys.path)
        sys.argv = [str(script), *arguments]
        sys.path[0] = str(script.resolve().parent)
        state, message = "finished", ""
        try:
            with self._watching():
                runpy.run_path(str(script), run_name="__main__")
        except SystemExit as error:
            if error.code not in (None, 0):
                state, message = "failed", f"sys.exit({error.code})"
            raise
        except KeyboardInterrupt:
            state = "stopped"
            raise
        except BaseException as error:
            state, message = "failed", f"{type(error).__name__}: {error}"[:400]
            raise
        finally:
            for watch in self._watches.values():
                watch.close(message, state)
            sys.argv, sys.path[:] = argv, path

    @contextmanager
    def _watching(self) -> Iterator[None]:
        call, backward, scale = nn.Module.__call__, Tensor.backward, torch.amp.GradScaler.scale

        def called(module: nn.Module, *args: Any, **named: Any) -> Any:
            if torch.compiler.is_compiling():
                return call(module, *args, **named)
            depth = getattr(self._depth, "now", 0)
            if depth == 0:
                self._called(module, args, named)
            self._depth.now = depth + 1
            try:
                return call(module, *args, **named)
            finally:
                self._depth.now = depth

        def sent_back(loss: Tensor, *args: Any, **named: Any) -> Any:
            if self._scaler is None and loss.numel() == 1:
                self._loss = loss.detach()
            return backward(loss, *args, **named)  # type: ignore[no-untyped-call]

        def scaled(scaler: Any, outputs: Any) -> Any:
            self._scaler = scaler
            if isinstance(outputs, Tensor) and outputs.numel() == 1:
                self._loss = outputs.detach()
            return scale(scaler, outputs)

        hooks = [
            register_optimizer_step_pre_hook(self._before_update),
            register_optimizer_step_post_hook(self._after_update),
        ]
        nn.Module.__call__ = called  # type: ignore[method-assign]
        Tensor.backward = sent_back  # type: ignore[method-assign, assignment]
        torch.amp.GradScaler.scale = scaled  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            nn.Module.__call__ = call  # type: ignore[method-assign]
            Tensor.backward = backward  # type: ignore[method-assign]
            torch.amp.GradScaler.scale = scale  # type: ignore[method-assign]
            for hook in hooks:
                hook.remove()

    def _called(self, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Watch a module that is called by itself and may be trained."""
        if module in self._watches or is_watched(module) or not module.training or not torch.is_grad_enabled():
            return
        weights = {id(weight) for weight in module.parameters() if weight.requires_grad and weight.ndim > 1}
        known = set().union(*self._own.values()) if self._own else set()
        if not weights or weights & known:
            return
        self._own[module] = weights
        self._watches[module] = Watch(module, self._folder, **self._options)
        self._watches[module].begin(*args, **named)

    def _before_update(self, optimizer: torch.optim.Optimizer, _args: Any, _named: Any) -> None:
        weights = {id(weight) for group in optimizer.param_groups for weight in group["params"]}
        for module, own in self._own.items():
            key = id(optimizer), id(module)
            if own & weights and key not in self._followed:
                self._followed.add(key)
                self._watches[module].follow(optimizer, scaler=self._scaler, steps_itself=True)

    def _after_update(self, optimizer: torch.optim.Optimizer, _args: Any, _named: Any) -> None:
        for module, watch in self._watches.items():
            if self._loss is not None and (id(optimizer), id(module)) in self._followed:
                watch.note(loss=self._loss)
