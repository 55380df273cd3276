"""ILSVRC by year: the error of the best entries as it is printed, and the depth of their nets as it is counted."""

from __future__ import annotations

from dataclasses import dataclass

from resviz.analysis.claims.facts import facts
from resviz.analysis.claims.verdicts import graph


@dataclass(frozen=True)
class Winner:
    """An entry: `error` is top-5 on the test set, in per cent; `depth` is None of methods without a deep net."""

    year: int
    name: str
    error: float
    depth: int | None


def winners() -> tuple[Winner, ...]:
    """Return the entries from 2010 to 2015."""
    return tuple(
        Winner(
            int(one["year"]),
            one["name"],
            float(one["top5_error"]),
            graph(one["net"]).depth if "net" in one else None,
        )
        for one in facts("history")["winner"]
    )


def source() -> str:
    """Return where the errors are from."""
    return str(facts("history")["source"])
