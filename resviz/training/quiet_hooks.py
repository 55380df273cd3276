"""Hooks on modules that leave no trace where a model is saved or copied."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable


class QuietHook:
    """A hook that is pickled, and copied, as a function of Python's own that does nothing.

    `torch.save(model)` pickles the hooks of all modules. Ours must neither keep a model from being saved, nor be asked
    for where it is loaded: perhaps Resviz is not installed there.
    """

    def __init__(self, function: Callable[..., None]) -> None:
        """Make a hook that calls a function."""
        self._function = function

    def __call__(self, *given: Any) -> None:
        """Call the function."""
        self._function(*given)

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        """Return what is pickled in its place: a method that gives None for any three arguments."""
        return getattr, (logging.getLogger("resviz.watch"), "debug")
