"""Which runs are shown, what their curves are called, and in which line style of its unit each is drawn. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.results.setting_titles import setting_title
from resviz.runs.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resviz.results.run_summary import RunSummary

_NAMING_KEYS = (
    "norm",
    "init",
    "data",
    "activation",
    "shortcut",
    "optimizer",
    "learning_rate",
    "batch",
    "seed",
    "steps",
)
_MAX_AT_FIRST = 8
"""Of a sweep's runs, which have one group, more would say nothing at a glance."""
_OF_THE_ID = 6
"""Letters at the end of a run's folder that are its own."""
_SAID_BARE = frozenset({"norm", "init", "data", "activation", "optimizer"})
"""Settings whose value says what it is of."""


def first_choice(runs: Sequence[RunSummary]) -> list[str]:
    """Return what is shown before anyone chooses: the newest group of runs, or the newest run."""
    group = next((run.info.group for run in runs if run.info.group), "")
    chosen = [run for run in runs if group and run.info.group == group] or list(runs[:1])
    return [run.key for run in sorted(chosen, key=lambda run: (run.info.created, run.info.id))[:_MAX_AT_FIRST]]


def assign_line_styles(shown: Iterable[RunSummary], before: dict[str, int]) -> dict[str, int]:
    """Return a number for each run by its key, all different among plain nets and among the others.

    A run keeps its number, so that no curve changes its colour when another run is removed.
    """
    found: dict[str, int] = {}
    shown = list(shown)
    for plain in (True, False):
        kind = [run.key for run in shown if (run.spec.unit == "plain") == plain]
        kept: dict[str, int] = {}
        for key in kind:
            if key in before and before[key] not in kept.values():
                kept[key] = before[key]
        free = (number for number in range(len(kind)) if number not in kept.values())
        found |= {key: kept[key] if key in kept else next(free) for key in kind}
    return found


def distinct_labels(runs: Sequence[RunSummary]) -> list[str]:
    """Return the names of the curves: the nets, or what differs where nets are equal.

    An example is "ResNet-20, batch, seed 1". If nothing differs, the end of the run's id is added.
    """
    run_settings = [settings(run.info, run.spec) for run in runs]
    found = [run.label for run in runs]
    for field in _NAMING_KEYS:
        for label in {label for label in found if found.count(label) > 1}:
            places = [place for place, known in enumerate(found) if known == label]
            if len({run_settings[place].get(field, "") for place in places}) > 1:
                for place in places:
                    text = run_settings[place].get(field, "")
                    found[place] += f", {text}" if field in _SAID_BARE else f", {setting_title(field)} {text}"
    return [
        f"{label}, {run.folder.name[-_OF_THE_ID:]}" if found.count(label) > 1 else label
        for label, run in zip(found, runs, strict=True)
    ]
