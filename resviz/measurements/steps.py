"""Steps at which something happened in a run."""

from __future__ import annotations

import numpy as np

AVERAGED = 5
"""Batches over which a loss is averaged, so that one easy batch does not decide."""


def first_step_below(steps: np.ndarray, losses: np.ndarray, level: float, window: int = AVERAGED) -> int | None:
    """Return the first step (step,) at which the mean of the last `window` losses (step,) is below a level, or None."""
    if len(losses) < window:
        return None
    with np.errstate(all="ignore"):
        means = np.lib.stride_tricks.sliding_window_view(np.asarray(losses, np.float64), window).mean(-1)
    below = np.flatnonzero(means < level)
    return int(steps[below[0] + window - 1]) if len(below) else None
