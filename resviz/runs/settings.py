"""What differs between runs: their nets, recipes and results, setting by setting. No torch, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resviz.base.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.spec import NetSpec
    from resviz.runs.records import RunInfo

NOTHING = "—"
MEASURING = frozenset({"evaluate_every", "histogram_every", "capture", "layout"})
"""Settings that change nothing of what is learned."""


def held_out(info: RunInfo) -> str:
    """Return the held-out error as text. If it does not belong to the last weights, add the step of its measurement."""
    if info.error is None:
        return NOTHING
    early = info.error_step is not None and info.error_step != info.steps
    error = f"{info.error:.1%}"
    return _("{error} at step {step}").format(error=error, step=info.error_step) if early else error


def settings(info: RunInfo, spec: NetSpec | None) -> dict[str, str]:
    """Return a run's settings and results as text, by their keys: the options of its net, its recipe, how it ended."""
    of_net = spec.model_dump(exclude={"name", "title"}) if spec is not None else {}
    values: dict[str, Any] = {**of_net, **info.recipe}
    if spec is not None and spec.unit == "plain":
        values["shortcut"] = None
    values |= {
        N_("device"): info.device or None,
        N_("steps done"): info.steps,
        N_("last loss"): None if info.loss is None else f"{info.loss:.4g}",
        N_("held-out error"): held_out(info),
        N_("best held-out error"): None if info.best_error is None else f"{info.best_error:.1%}",
        N_("state"): info.state,
        N_("learning rate changed by hand"): _("yes") if info.rate_changed else None,
    }
    return {name: NOTHING if value in (None, "") else _text(value) for name, value in values.items()}


def differences(tables: Sequence[dict[str, str]]) -> list[tuple[str, list[str]]]:
    """Return the settings that are not equal in all runs: (name, one text for each run)."""
    names = list(dict.fromkeys(name for table in tables for name in table))
    rows = [(name, [table.get(name, NOTHING) for table in tables]) for name in names]
    return [(name, texts) for name, texts in rows if len(set(texts)) > 1]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
