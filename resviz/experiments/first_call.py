"""Waits for the first training pass of a model, whichever of its modules is called: it shows what the model reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from resviz.training.quiet_hooks import QuietHook

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn
    from torch.utils.hooks import RemovableHandle


class FirstCall:
    """Hooks on all modules of a model, which go away at the first call in training mode.

    Some loops call a part of what they train, so the outermost module that is called is not always the model.
    """

    def __init__(
        self, parts: list[tuple[str, nn.Module]], begin: Callable[[str, nn.Module, tuple[Any, ...], Any], None]
    ) -> None:
        """Wait for a call of one of these modules, by their paths. Then `begin` gets path, module and arguments."""
        self._begin = begin
        self._handles: list[RemovableHandle] = [
            part.register_forward_pre_hook(QuietHook(partial(self._called, name)), with_kwargs=True)
            for name, part in parts
        ]

    def _called(self, name: str, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not torch.compiler.is_compiling() and module.training and torch.is_grad_enabled():
            self.stop()
            self._begin(name, module, args, named)

    def stop(self) -> None:
        """Wait no more."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    @property
    def waits(self) -> bool:
        """Whether there was no call yet."""
        return bool(self._handles)
