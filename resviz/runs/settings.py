"""What differs between runs: their nets, recipes and results, setting by setting. No torch, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.spec import NetSpec
    from resviz.runs.records import RunInfo

NOTHING = "—"


def held_out(info: RunInfo) -> str:
    """The held-out error, and where it isn't of the last weights, after how many steps it was measured."""
    if info.error is None:
        return NOTHING
    early = info.error_step is not None and info.error_step != info.steps
    return f"{info.error:.1%}" + (f" at {info.error_step}" if early else "")


def settings(info: RunInfo, spec: NetSpec) -> dict[str, str]:
    """Everything that is said of a run, as text: the net's options, the recipe, and how it went."""
    values: dict[str, Any] = {**spec.model_dump(exclude={"name", "title"}), **info.recipe}
    if spec.unit == "plain":
        values["shortcut"] = None
    values |= {
        "device": info.device,
        "steps done": info.steps,
        "last loss": None if info.loss is None else f"{info.loss:.4g}",
        "held-out error": held_out(info),
        "best held-out error": None if info.best_error is None else f"{info.best_error:.1%}",
        "state": info.state,
    }
    return {name: NOTHING if value is None else _text(value) for name, value in values.items()}


def differences(tables: Sequence[dict[str, str]]) -> list[tuple[str, list[str]]]:
    """Of runs' settings those that are not equal in all: (name, a text a run)."""
    names = list(dict.fromkeys(name for table in tables for name in table))
    rows = [(name, [table.get(name, NOTHING) for table in tables]) for name in names]
    return [(name, texts) for name, texts in rows if len(set(texts)) > 1]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
