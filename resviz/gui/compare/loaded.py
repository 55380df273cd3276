"""Saved runs as COMPARE holds them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from resviz.gui.plots.history import History
from resviz.nets.spec import NetSpec
from resviz.runs.comparison import settings
from resviz.runs.folder import Run
from resviz.runs.records import RunError, RunInfo

MOST_SHOWN = 2


@dataclass(frozen=True)
class Loaded:
    """A run of the list; `variant` is which of its unit's line styles it is drawn in."""

    info: RunInfo
    spec: NetSpec
    folder: Path
    sample: bool
    shown: bool = False
    variant: int = 0

    @property
    def key(self) -> str:
        """Which run it is: its folder, since a copied folder has the same id."""
        return str(self.folder)

    @property
    def begun(self) -> str:
        """When it began, in local time: today's by the hour, others by the day."""
        try:
            moment = datetime.fromisoformat(self.info.created).astimezone()
        except ValueError:
            return self.info.created
        return moment.strftime("%H:%M" if moment.date() == datetime.now().astimezone().date() else "%d %b %Y")

    def history(self) -> History:
        """What was measured. Raises RunError where it can't be read."""
        run = Run(self.folder)
        history = History(run.layers)
        rows = run.rows()
        try:
            if rows:
                history.append(rows)
        except ValueError as error:
            raise RunError(f"{self.folder}: {error}; its files are of different runs") from None
        return history


def load(run: Run, sample: bool) -> Loaded:
    """Raises RunError where this program can't build the run's net."""
    return Loaded(run.info, run.info.net, run.folder, sample)


def with_shown(runs: list[Loaded], keys: list[str]) -> list[Loaded]:
    """The runs, those of these keys marked as shown; two of one unit get different line styles."""
    units: list[str] = []
    marked = {}
    for key in keys:
        run = next((run for run in runs if run.key == key), None)
        if run is not None:
            marked[key] = units.count(run.spec.unit)
            units.append(run.spec.unit)
    return [replace(run, shown=run.key in marked, variant=marked.get(run.key, 0)) for run in runs]


def toggled(shown: list[str], key: str) -> list[str]:
    """Which runs are shown after a click on one: it goes, or comes in the place of the one shown longest."""
    if key in shown:
        return [known for known in shown if known != key]
    return [*shown, key][-MOST_SHOWN:]


def first_choice(runs: list[Loaded]) -> list[str]:
    """What is shown before anyone chooses: the newest duel, or the newest run."""
    duel = next((run.info.group for run in runs if run.info.group), "")
    chosen = [run for run in runs if duel and run.info.group == duel] or runs[:1]
    return [run.key for run in sorted(chosen, key=lambda run: run.info.created)[:MOST_SHOWN]]


def names(runs: list[Loaded]) -> list[str]:
    """What the curves are called: the nets, and where these are equal what differs, like "ResNet-20, batch"."""
    labels = [run.spec.label for run in runs]
    if len(set(labels)) == len(labels):
        return labels
    for field in ("norm", "init", "data", "activation", "shortcut", "seed", "steps"):
        texts = [settings(run.info, run.spec).get(field, "") for run in runs]
        if len(set(texts)) == len(texts):
            prefix = f"{field} " if field in ("seed", "shortcut") else ""
            return [f"{label}, {prefix}{text}" for label, text in zip(labels, texts, strict=True)]
    return [f"{label}, {run.begun}" for label, run in zip(labels, runs, strict=True)]
