"""Marks of what looked wrong in a watched training: dots on a curve over steps, and words below any plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT, UPDATE_RATIO, WEIGHT_GRADIENT

if TYPE_CHECKING:
    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.runs.records import AlertKind

WORDS: dict[AlertKind, str] = {
    "vanishing": _("vanishing gradient"),
    "exploding": _("exploding gradient"),
    "dead": _("weights stand still"),
    "silent": _("gradient missing"),
    "not finite": _("not finite"),
}


_SHOWN_BY: dict[AlertKind, frozenset[str]] = {
    "vanishing": frozenset({RESPONSE_GRADIENT.name}),
    "exploding": frozenset({RESPONSE_GRADIENT.name}),
    "dead": frozenset({UPDATE_RATIO.name}),
    "silent": frozenset({RESPONSE_GRADIENT.name}),
    "not finite": frozenset({RESPONSE_GRADIENT.name, RESPONSE.name, WEIGHT_GRADIENT.name}),
}
"""In which quantities each kind is seen."""
_OF_LAYERS = frozenset({"dead", "silent", "not finite"})
"""Kinds that are about the layers they name; the others are about the whole net."""
_NAMED = 3


def alert_words(net: PlottedNet, quantity: str) -> str:
    """Return what looked wrong in a quantity of a net up to the step that it is shown at, "" if nothing did."""
    alerts = [alert for alert in net.alerts if alert.step <= net.step and quantity in _SHOWN_BY[alert.kind]]
    texts = [
        _("{what} since step {step}").format(what=WORDS[alert.kind], step=alert.step)
        + (
            f" ({', '.join(alert.layers[:_NAMED])}{' …' * (len(alert.layers) > _NAMED)})"
            if alert.kind in _OF_LAYERS
            else ""
        )
        for alert in alerts
    ]
    return f"● {', '.join(texts)}" if texts else ""


def alert_dots(curve: Curve, net: PlottedNet) -> list[Curve]:
    """Return dots on a net's curve, at the steps of its alerts; none without alerts."""
    steps = [alert.step for alert in net.alerts]
    if not steps or not len(curve.x):
        return []
    marked = np.isin(curve.x, steps) & np.isfinite(curve.y)
    if not marked.any():
        return []
    y = np.where(marked, curve.y, np.nan)  # with gaps, so that no line joins the dots
    return [Curve(net.name, curve.x, y, net.unit, net.line_style, dots=True, thin=True)]


def alert_note(scene: Scene) -> str:
    """Return in a line what looked wrong. The dots have the colours of their nets."""
    kinds = dict.fromkeys(alert.kind for net in scene.nets for alert in net.alerts)
    return _("● {what}").format(what=", ".join(WORDS[kind] for kind in kinds)) if kinds else ""
