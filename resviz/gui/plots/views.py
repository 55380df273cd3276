"""The views that panels can show, by name: which quantity, against what; TRAIN's, and COMPARE's. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.measurements import quantities as q
from resviz.measurements.quantity import Quantity

Kind = Literal["depth", "scalar", "heat", "histogram", "graph", "terms", "difference", "final", "table"]
AGAINST_STEPS: tuple[Kind, ...] = ("scalar", "heat", "difference")
"""Kinds of view whose x are steps: they are zoomed alike."""


@dataclass(frozen=True)
class ViewKind:
    """`options` are (key, text) pairs, the first of them what it comes up with."""

    name: str
    title: str
    kind: Kind
    quantity: Quantity | None = None
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""


_MAPPED = tuple(
    (quantity.name, quantity.title)
    for quantity in (
        q.RESPONSE_GRADIENT,
        q.WEIGHT_GRADIENT,
        q.RESPONSE,
        q.UPDATE_RATIO,
        q.SATURATION,
        q.ACTIVATION_MEAN,
        q.SHORTCUT_GRADIENT,
        q.RESIDUAL_GRADIENT,
        q.GRADIENT_COSINE,
        q.RESIDUAL_SHARE,
    )
)

VIEWS = (
    ViewKind("response_gradient", "Gradient of the responses", "depth", q.RESPONSE_GRADIENT),
    ViewKind(
        "weight_gradient",
        "Gradient of the weights",
        "depth",
        q.WEIGHT_GRADIENT,
        hint="input × response's gradient",
    ),
    ViewKind("update_ratio", "Update ratio", "depth", q.UPDATE_RATIO),
    ViewKind("heat", "Layer × step", "heat", q.RESPONSE_GRADIENT, _MAPPED),
    ViewKind("loss", "Loss", "scalar", options=(("loss", "batch"), ("held_out_loss", "held-out"))),
    ViewKind("error", "Error", "scalar", options=(("error", "batch"), ("held_out_error", "held-out"))),
    ViewKind("learning_rate", "Learning rate", "scalar", options=(("learning_rate", ""),)),
    ViewKind(
        "responses",
        "Responses",
        "depth",
        q.RESPONSE,
        (("layer", "in order"), ("magnitude", "sorted")),
        hint="figure 7",
    ),
    ViewKind("saturation", "Saturation", "depth", q.SATURATION),
    ViewKind("activation_mean", "Mean activation", "depth", q.ACTIVATION_MEAN),
    ViewKind("histograms", "Activation histograms", "histogram", q.HISTOGRAM),
    ViewKind(
        "terms",
        "The two terms of eq. 5",
        "terms",
        q.SHORTCUT_GRADIENT,
        hint="wide: shortcut · thin: F",
    ),
    ViewKind("gradient_cosine", "Cosine of the two terms", "depth", q.GRADIENT_COSINE),
    ViewKind("residual_share", "|F(x)| / |x| by block", "depth", q.RESIDUAL_SHARE),
    ViewKind("graph", "Graph, coloured", "graph", q.RESPONSE_GRADIENT, _MAPPED),
)
COMPARED = (
    *VIEWS,
    ViewKind("difference", "Difference of two, layer × step", "difference", q.RESPONSE_GRADIENT, _MAPPED),
    ViewKind(
        "final",
        "Final error",
        "final",
        options=(("depth", "by depth"), ("parameters", "by parameters"), ("flops", "by FLOPs")),
    ),
    ViewKind(
        "table",
        "Final table",
        "table",
        options=(("own", "these runs"), ("table2", "as table 2"), ("table3", "as table 3"), ("table6", "as table 6")),
    ),
)
BY_NAME = {view.name: view for view in COMPARED}
