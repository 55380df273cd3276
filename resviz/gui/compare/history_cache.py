"""The histories of runs that were read, as long as there is room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from resviz.base.errors import RunError
from resviz.gui.compare.history_loader import HistoryLoader
from resviz.measurements.history import RunHistory

if TYPE_CHECKING:
    from collections.abc import Collection

    from resviz.results.run_summary import RunSummary

_KEPT_BYTES = 100_000_000
"""How much memory the histories of runs that are not shown may take."""


class HistoryCache(QObject):
    """Has runs read in a thread, and keeps what came of it by their keys. `changed` tells that a run was read."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: dict[str, tuple[object, RunHistory | RunError]] = {}
        """What was read of a run, and the stamp of the files that it was read from."""
        self._asked: dict[str, object] = {}
        self._loader = HistoryLoader(self)
        self._loader.read.connect(self._take)

    @property
    def keys(self) -> tuple[str, ...]:
        """The runs of which something is kept, the one that was read last at the end."""
        return tuple(self._found)

    @property
    def reading(self) -> bool:
        """Whether a run is still being read."""
        return bool(self._asked)

    def want(self, run: RunSummary) -> None:
        """Have a run read that was not, or that has grown since."""
        known = self._found.get(run.key)
        if (known is None or known[0] != run.run.stamp) and run.key not in self._asked:
            self._asked[run.key] = run.run.stamp
            self._loader.want(run.key, run.folder)

    def history(self, key: str) -> RunHistory | None:
        """Return what a run has measured; None if it was not read yet, or can't be."""
        found = self._found.get(key, (None, None))[1]
        return found if isinstance(found, RunHistory) else None

    def error(self, key: str) -> RunError | None:
        """Return why a run can't be read."""
        found = self._found.get(key, (None, None))[1]
        return found if isinstance(found, RunError) else None

    def forget_some(self, shown: Collection[str]) -> None:
        """Forget what was read of runs that are not shown, the oldest first, until the rest is small enough."""
        spare = {key: found for key, (_stamp, found) in self._found.items() if key not in shown}
        kept = 0
        for key, found in reversed(spare.items()):
            kept += found.byte_count if isinstance(found, RunHistory) else 0
            if kept > _KEPT_BYTES:
                del self._found[key]

    def forget(self) -> None:
        """Forget all that was read."""
        self._found.clear()

    def shut_down(self) -> None:
        """Stop reading."""
        self._loader.shut_down()

    @Slot(str, object)
    def _take(self, key: str, found: RunHistory | RunError) -> None:
        self._found.pop(key, None)  # the newest last
        self._found[key] = self._asked.pop(key, None), found
        self.changed.emit()
