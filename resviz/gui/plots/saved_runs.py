"""Saved runs as they are plotted: what their curves are called, and in which line style of its unit each is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from resviz.gui.plots.scene import PlottedNet
from resviz.gui.style import theme
from resviz.results.setting_titles import setting_title
from resviz.runs.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resviz.measurements.history import RunHistory
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
_OF_THE_ID = 6
"""Letters at the end of a run's folder that are its own."""
_SAID_BARE = frozenset({"norm", "init", "data", "activation", "optimizer"})
"""Settings that need no name before their value: "batch" as a normalization, "sgd" as an optimizer."""


@dataclass(frozen=True)
class SelectedRun:
    """A run that is shown: what its curves are called, its line style, and what was measured; None while it is read."""

    run: RunSummary
    name: str
    line_style: int
    history: RunHistory | None


def unit_of(run: RunSummary) -> str:
    """Return the unit of a run's net, by which its curves are coloured."""
    if run.spec is not None:
        return run.spec.unit
    return theme.WATCHED if run.has_layers else theme.IMPORTED


def palette_of(run: RunSummary) -> str:
    """Return the unit whose colours the run's curves share: all nets but plain ones have the same."""
    unit = unit_of(run)
    return unit if unit in ("plain", theme.IMPORTED) else "residual"


def assign_line_styles(shown: Iterable[RunSummary], before: dict[str, int]) -> dict[str, int]:
    """Return a number for each run by its key, all different among plain nets, other nets, and imported curves.

    A run has the colour that the user has chosen for it. Otherwise it keeps its number, so that no curve changes its
    colour when another run is removed.
    """
    found: dict[str, int] = {}
    shown = list(shown)
    for palette in ("plain", "residual", theme.IMPORTED):
        kind = [run.key for run in shown if palette_of(run) == palette]
        colours = len(theme.LIGHT.net_colours(palette))
        wanted = {run.key: run.notes.colour for run in shown if run.notes.colour is not None}
        kept: dict[str, int] = {}
        for key in kind:
            if key in wanted:  # further runs of the same colour differ by their dashes
                kept[key] = next(n for n in count(wanted[key] % colours, colours) if n not in kept.values())
        for key in kind:
            if key in before and key not in kept and before[key] not in kept.values():
                kept[key] = before[key]
        free = (number for number in count() if number not in kept.values())
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


def plotted_net(run: RunSummary, name: str, history: RunHistory, line_style: int) -> PlottedNet:
    """Return a saved run as it is plotted, at its last row."""
    return PlottedNet(
        name,
        unit_of(run),
        history,
        line_style,
        recipe=run.info.recipe,
        final_error=_final_error(run),
        epoch_steps=run.epoch_steps,
        watched=run.info.watched is not None,
        alerts=run.info.alerts,
        folder=run.folder,
    )


def _final_error(run: RunSummary) -> tuple[int, float] | None:
    """Return the step of the last held-out measurement and its error, if it belongs to the last weights."""
    info = run.info
    return None if info.error is None or info.error_step is None else (info.error_step, info.error)
