"""What a watch has to say, each thing once; and how it keeps its own errors from the training."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from resviz.base.errors import user_message
from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 20
"""More different things are not said."""


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

    def warn(self, text: str) -> None:
        """Say a thing once; nothing where there is nothing to say."""
        if text and text not in self._said and len(self._said) < _MOST:
            self._said.add(text)
            warnings.warn(text, WatchWarning, stacklevel=4)
