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
    "vanishing": _("the gradient vanishes"),
    "exploding": _("the gradient explodes"),
    "dead": _("weights stand still"),
    "silent": _("a layer has no gradient any more"),
    "not finite": _("numbers are not finite"),
}
_MOST = 3


def alert_dots(curve: Curve, net: PlottedNet) -> list[Curve]:
    """Return dots on a net's curve, at the steps of its alerts; none without alerts."""
    steps = [alert.step for alert in net.alerts]
    if not steps or not len(curve.x):
        return []
    marked = np.isin(curve.x, steps) & np.isfinite(curve.y)
    if not marked.any():
        return []
    return [Curve(net.name, curve.x[marked], curve.y[marked], net.unit, net.line_style, dots=True, thin=True)]


def alert_note(scene: Scene) -> str:
    """Return in a line what looked wrong, and from which step on."""
    found = [
        _("● {net}: {what} (step {step}).").format(net=net.name, what=WORDS[alert.kind], step=alert.step)
        for net in scene.nets
        for alert in net.alerts
    ]
    return " ".join(found[:_MOST]) + (" …" if len(found) > _MOST else "")
