"""What a watch has to say, each thing once; and how it keeps its own errors from the training."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import torch

import resviz
from resviz.base.errors import user_message
from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 20
"""More different things are not said."""
_NOT_THEIRS = tuple(str(Path(file).parent) for file in (resviz.__file__, torch.__file__) if file)


class WatchWarning(UserWarning):
    """Something could not be measured or written, or looks wrong. The training is as it would be without."""


class Notices:
    """Says things once, as warnings, and keeps errors from the training, unless it is strict."""

    def __init__(self, strict: bool = False) -> None:
        self._strict = strict
        self._said: set[str] = set()

    def guard(self, work: Callable[[], None]) -> None:
        """Do something that must never end the training."""
        try:
            work()
        except Exception as error:
            if self._strict:
                raise
            self.warn(_("Not measured: {reason}").format(reason=user_message(error)))

    def warn(self, text: str, once: str = "") -> None:
        """Say a thing once; nothing where there is nothing to say. `once` names what would come with other numbers."""
        if text and (once or text) not in self._said and len(self._said) < _MOST:
            self._said.add(once or text)
            warnings.warn(text, WatchWarning, stacklevel=_level())


def _level() -> int:
    """Return how many frames up the program of the user is: a warning names its line."""
    frame, level = sys._getframe(2), 2  # noqa: SLF001 - there is no other way
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_THEIRS):
        frame, level = frame.f_back, level + 1
    return level
