"""How the runs are listed: which of them, in which order, in which groups. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resviz.gui.compare.run_model import Row, RunGroup
from resviz.results.columns import filter_runs, group_runs, sort_runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resviz.results.run_summary import RunSummary


@dataclass
class RunListing:
    """A filter as it is typed, a column to group by or "", and a column to order by, descending or not."""

    typed: str = ""
    group: str = ""
    order: tuple[str, bool] = ("begun", True)
    folded: set[str] = field(default_factory=set)
    """Groups whose runs are not listed."""

    def order_by(self, column: str) -> None:
        """Order by a column. The same column again: the other way round."""
        name, descending = self.order
        self.order = column, not descending if name == column else False

    def group_by(self, column: str) -> None:
        """Group by a column, with all groups unfolded."""
        self.group = column
        self.folded.clear()

    def groups(self, runs: Iterable[RunSummary]) -> list[tuple[str, list[RunSummary]]]:
        """Return each group's text and its runs."""
        return group_runs(self._ordered(runs), self.group)

    def rows(self, runs: Iterable[RunSummary]) -> list[Row]:
        """Return what is listed of these runs."""
        if not self.group:
            return list(self._ordered(runs))
        rows: list[Row] = []
        for text, members in self.groups(runs):
            folded = text in self.folded
            rows += [RunGroup(text, len(members), folded), *(() if folded else members)]
        return rows

    def _ordered(self, runs: Iterable[RunSummary]) -> list[RunSummary]:
        return sort_runs(filter_runs(runs, self.typed), *self.order)
