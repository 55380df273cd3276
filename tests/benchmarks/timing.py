"""Fair timing on a machine that others use too: the two sides in turn, medians, and the ratio pair by pair."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of the table: what, the measured figure, the figure it is held against, and the budget."""

    what: str
    measured: str
    against: str
    budget: str


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(work: Callable[[], object], runs: int = 7) -> float:
    """Seconds, after one run that doesn't count."""
    work()
    return statistics.median(seconds(work) for _ in range(runs))


def paired(a: Callable[[], object], b: Callable[[], object], runs: int = 15) -> tuple[float, float, float]:
    """Median seconds of a and of b, taken in turn, and the median of a / b pair by pair."""
    a()
    b()
    pairs = [(seconds(a), seconds(b)) for _ in range(runs)]
    return (
        statistics.median(x for x, _ in pairs),
        statistics.median(y for _, y in pairs),
        statistics.median(x / y for x, y in pairs),
    )


def ms(value: float) -> str:
    return f"{value * 1000:.3g} ms"
