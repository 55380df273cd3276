"""Saved runs as COMPARE holds them, and what differs between two. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from resviz.gui.history import History
from resviz.nets.spec import NetSpec
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

    @property
    def held_out(self) -> str:
        """The held-out error, and where it isn't of the last weights, after how many steps it was measured."""
        if self.info.error is None:
            return "—"
        early = self.info.error_step is not None and self.info.error_step != self.info.steps
        return f"{self.info.error:.1%}" + (f" at {self.info.error_step}" if early else "")

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


def differences(runs: list[Loaded]) -> list[tuple[str, list[str]]]:
    """Settings and results that are not equal in all runs: (name, a text a run)."""
    tables = [_flat(run) for run in runs]
    names = list(dict.fromkeys(name for table in tables for name in table))
    rows = [(name, [table.get(name, "—") for table in tables]) for name in names]
    return [(name, texts) for name, texts in rows if len(set(texts)) > 1]


def names(runs: list[Loaded]) -> list[str]:
    """What the curves are called: the nets, and where these are equal what differs, like "ResNet-20, batch"."""
    labels = [run.spec.label for run in runs]
    if len(set(labels)) == len(labels):
        return labels
    for field in ("norm", "init", "data", "activation", "shortcut", "seed", "steps"):
        texts = [_flat(run).get(field, "") for run in runs]
        if len(set(texts)) == len(texts):
            prefix = f"{field} " if field in ("seed", "shortcut") else ""
            return [f"{label}, {prefix}{text}" for label, text in zip(labels, texts, strict=True)]
    return [f"{label}, {run.begun}" for label, run in zip(labels, runs, strict=True)]


def _flat(run: Loaded) -> dict[str, str]:
    values: dict[str, Any] = {**run.spec.model_dump(exclude={"name", "title"}), **run.info.recipe}
    if run.spec.unit == "plain":
        values["shortcut"] = "—"
    values |= {
        "device": run.info.device,
        "steps done": run.info.steps,
        "last loss": None if run.info.loss is None else f"{run.info.loss:.4g}",
        "held-out error": run.held_out,
        "state": run.info.state,
    }
    return {name: "—" if value is None else _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
