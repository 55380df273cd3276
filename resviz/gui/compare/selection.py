"""Which runs are shown before anyone has chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.results.run_summary import RunSummary

_MAX_AT_FIRST = 8
"""Of a sweep's runs, which have one group, more would say nothing at a glance."""


def first_choice(runs: Sequence[RunSummary]) -> list[str]:
    """Return what is shown before anyone chooses: the newest run with its group; of samples the newest group."""
    own = runs[:1] if runs and not runs[0].sample else runs
    group = next((run.info.group for run in own if run.info.group), "")
    chosen = [run for run in runs if group and run.info.group == group] or list(runs[:1])
    return [run.key for run in sorted(chosen, key=lambda run: (run.info.created, run.info.id))[:_MAX_AT_FIRST]]
