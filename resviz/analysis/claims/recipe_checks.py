"""What papers print of training: recipes, the variance of initial weights, how deep nets could be trained."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from typing import TYPE_CHECKING

from resviz.analysis.claims.facts import RESNET_PAPER, facts
from resviz.analysis.claims.verdicts import CheckedClaim, graph, number, text
from resviz.analysis.illustrations import INITIAL_VARIANCES
from resviz.base.assets import asset_folder
from resviz.base.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

ALEXNET_PAPER = "Krizhevsky et al. 2012, section 5"
GLOROT_PAPER = "Glorot and Bengio 2010, eq. 12"
HIGHWAY_PAPER = "Srivastava et al. 2015, arXiv 1505.00387, section 3.1"
_FIELDS = {
    "batch": N_("batch size"),
    "learning_rate": N_("learning rate"),
    "momentum": N_("momentum"),
    "weight_decay": N_("weight decay"),
}


def recipes() -> Iterator[CheckedClaim]:
    """Check the presets of the recipe page against what the papers print, and what they say of initial weights."""
    content = tomllib.loads((asset_folder("resources") / "recipes.toml").read_text(encoding="utf-8"))
    printed = {
        "resnet-imagenet": (f"{RESNET_PAPER}, section 3.4", facts("resnet")["recipe"]["imagenet"]),
        "resnet-cifar": (f"{RESNET_PAPER}, section 4.2", facts("resnet")["recipe"]["cifar"]),
        "alexnet": (ALEXNET_PAPER, facts("classics")["alexnet"]["recipe"]),
    }
    for name, (source, values) in printed.items():
        preset = content[name]
        for field, title in _FIELDS.items():
            what = _("{setting} of the recipe “{recipe}”").format(setting=_(title), recipe=preset["title"])
            shown = (f"{number:g}" for number in (values[field], preset["values"][field]))
            yield text(f"recipe-{name}-{field}", source, what, *shown)
    formula = facts("lessons")["saturation"]["glorot_normal_variance"]
    used = formula if all(map(_is_glorots, _FANS)) else _("another formula")
    yield text("glorot-variance", GLOROT_PAPER, _("variance of Xavier's initial weights"), formula, used)
    layers = facts("classics")["highway"]["most_layers"]
    depth = graph(f"highway-mlp{layers}").depth
    yield number("highway-layers", HIGHWAY_PAPER, _("layers of the deepest highway net of figure 1"), layers, depth)


_FANS = ((1, 2), (3, 5), (784, 1000), (1000, 10))


def _is_glorots(fans: tuple[int, int]) -> bool:
    """Return whether our variance of weights with so many inputs and outputs is that of eq. 12."""
    fan_in, fan_out = fans
    return Fraction(INITIAL_VARIANCES["Xavier"](fan_in, fan_out)).limit_denominator(10**6) == Fraction(
        2, fan_in + fan_out
    )
