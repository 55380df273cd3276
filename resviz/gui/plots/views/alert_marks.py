"""Marks of what looked wrong in a watched training: a dot on a curve at its step, and words below the plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve

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
