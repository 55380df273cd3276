"""A trial: something done many times, each time in another way, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

Attempt = Callable[[Random, Path], str]
"""Does it once in a folder of its own, and returns what came of it. Whatever it raises is a failure."""


@dataclass(frozen=True)
class Trial:
    """What is done, how many times at full size, and how one attempt is made ready and made."""

    what: str
    times: int
    prepare: Callable[[Path], Attempt]
    finish: Callable[[], None] = lambda: None
    """Takes away what was made ready."""


def attempts(trial: Trial, times: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """Make so many attempts. Return how often each came out, and a line for each failure, with its number."""
    attempt = trial.prepare(folder)
    outcomes: Counter[str] = Counter()
    failures: list[str] = []
    for number in range(times):
        try:
            outcomes[attempt(Random(number), folder)] += 1
        except Exception as error:
            outcomes["FAILED"] += 1
            failures.append(f"{trial.what}, {number}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
    trial.finish()
    return outcomes, failures
