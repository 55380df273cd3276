"""Runs that another program trains, which TRAIN shows in place of a training of its own. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.gui.plots.saved_runs import SelectedRun, assign_line_styles, distinct_labels, plotted_net

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.plots.scene import PlottedNet
    from resviz.measurements.history import RunHistory
    from resviz.nets.spec import NetSpec
    from resviz.results.run_summary import RunSummary


@dataclass(frozen=True)
class FollowedRuns:
    """The runs as they were last read."""

    runs: tuple[SelectedRun, ...]

    @classmethod
    def of(cls, found: Sequence[tuple[RunSummary, RunHistory]]) -> FollowedRuns:
        """Name what was read, and choose its line styles."""
        runs = [run for run, _history in found]
        styles = assign_line_styles(runs, {})
        return cls(
            tuple(
                SelectedRun(run, name, styles[run.key], history)
                for (run, history), name in zip(found, distinct_labels(runs), strict=True)
            )
        )

    @property
    def histories(self) -> list[RunHistory]:
        """What was measured of each run."""
        return [one.history for one in self.runs if one.history is not None]

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that are read."""
        return tuple(one.run.folder for one in self.runs)

    @property
    def counts(self) -> tuple[int, ...]:
        """Steps that each run has done."""
        return tuple(max(one.run.info.steps, history.step_count) for one, history in self._read)

    @property
    def steps(self) -> int:
        """Steps in all, if the recipe says so; the steps that are done otherwise."""
        planned = [steps for one in self.runs if isinstance(steps := one.run.info.recipe.get("steps"), int)]
        return max([*planned, *self.counts], default=0)

    @property
    def rate(self) -> float | None:
        """Steps a second of the slowest run, if that is known."""
        return min((rate for one in self.runs if (rate := one.run.info.steps_per_second)), default=None)

    @property
    def state(self) -> str:
        """Return "running" while a run may still grow, and how the first of them has ended otherwise."""
        states = [one.run.info.state for one in self.runs]
        return "running" if "running" in states or not states else states[0]

    @property
    def problems(self) -> list[str]:
        """What looked wrong in the runs, and why they failed."""
        return [
            f"{one.name}: {text}"
            for one in self.runs
            for text in (*(alert.text for alert in one.run.info.alerts), one.run.info.message)
            if text
        ]

    @property
    def specs(self) -> tuple[NetSpec | None, ...]:
        """The nets of the runs that are plotted; None of a model without a depth table."""
        return tuple(one.run.spec for one, history in self._read if history.count)

    def nets(self, cursor: int | None) -> list[PlottedNet]:
        """Return the runs as they are plotted at the step cursor, or at their newest steps for None."""
        nets = [plotted_net(one.run, one.name, history, one.line_style) for one, history in self._read if history.count]
        return nets if cursor is None else [replace(net, row=net.history.row_at(cursor)) for net in nets]

    def state_in_words(self) -> str:
        """Return whether the other program still trains, or how it has ended."""
        return _STATES[self.state]

    @property
    def _read(self) -> list[tuple[SelectedRun, RunHistory]]:
        return [(one, one.history) for one in self.runs if one.history is not None]


_STATES = {
    "running": _("another program is training it"),
    "finished": _("finished"),
    "stopped": _("stopped"),
    "failed": _("failed"),
    "interrupted": _("its program has ended without a word"),
}
