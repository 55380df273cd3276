"""The runs of some folders as they come, change and go: what a list of thousands is made of without reading them again.

`look` goes over the folders a run at a time, so that whoever calls can spread it over frames; a run is read again only
where one of its files has another time or size.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.base.errors import RunError, unreadable
from resviz.runs.folder import RunFolder
from resviz.runs.lost_steps import find_lost_steps
from resviz.runs.notes import ABOUT, Notes, read_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resviz.runs.records import RunInfo

Stamp = tuple[tuple[str, int, int], ...]
_WATCHED = ("run.json", ABOUT)


@dataclass(frozen=True)
class RunEntry:
    """A run of the list."""

    folder: Path
    info: RunInfo
    notes: Notes
    stamp: Stamp = ()
    """Of its files, to tell whether it has changed."""
    lost: int = 0
    """Steps at its end whose rows can't be read."""

    @property
    def key(self) -> str:
        """Which run it is: its folder, since a copied folder has the same id."""
        return str(self.folder)


class RunIndex:
    """The runs in some folders, and the reasons why others can't be read. Unchanged runs are not read again."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)
        self.runs: dict[Path, RunEntry] = {}
        self.problems: dict[Path, RunError] = {}
        self._stamps: dict[Path, Stamp] = {}

    def look(self) -> Iterator[bool]:
        """Update `runs` and `problems`. Yield after each run whether it has changed, come or gone."""
        found: set[Path] = set()
        for root in self.roots:
            for folder in _folders(root):
                stamp = stamp_of(folder)
                if stamp is None:
                    continue
                found.add(folder)
                if self._stamps.get(folder) == stamp and not self._may_have_died(folder):
                    yield False
                    continue
                before = self.runs.get(folder)
                self._read(folder, stamp)
                yield self.runs.get(folder) != before or folder in self.problems
        for folder in [known for known in self._stamps if known not in found]:
            for where in (self.runs, self.problems, self._stamps):
                where.pop(folder, None)
            yield True

    def _read(self, folder: Path, stamp: Stamp) -> None:
        self._stamps[folder] = stamp
        self.runs.pop(folder, None)
        self.problems.pop(folder, None)
        try:
            info = RunFolder(folder).info
        except RunError as error:
            self.problems[folder] = error
            return
        except Exception as error:  # one folder of a stranger's must not hide all others
            self.problems[folder] = unreadable(folder, error)
            return
        try:
            notes = read_notes(folder)
        except RunError as error:  # the run itself is whole
            self.problems[folder] = error
            notes = Notes()
        self.runs[folder] = RunEntry(folder, info, notes, stamp, find_lost_steps(folder, info))

    def _may_have_died(self, folder: Path) -> bool:
        """Return a program that is killed changes no file."""
        run = self.runs.get(folder)
        return run is not None and run.info.state == "running"


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as entries:
            return sorted(Path(e.path) for e in entries if not e.name.startswith(".") and e.is_dir())
    except OSError:
        return []  # not made yet


def stamp_of(folder: Path) -> Stamp | None:
    """Return names, times and sizes of the files that a run grows by, None for what is no run."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in _WATCHED or entry.name.endswith(".crc32"):
                    about = entry.stat()
                    found.append((entry.name, about.st_mtime_ns, about.st_size))
    except OSError:
        return None
    return tuple(sorted(found)) if any(name == "run.json" for name, *_ in found) else None
