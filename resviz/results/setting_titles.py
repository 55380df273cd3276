"""The names of a run's settings in words. Files and the command line call them by their keys."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.nets.spec import NetSpec
from resviz.training.recipe import TrainConfig


def setting_title(key: str) -> str:
    """Return the name of a setting or result in words: "batch size" for "batch"."""
    field = TrainConfig.model_fields.get(key) or NetSpec.model_fields.get(key)
    return (field.title if field is not None else None) or _(key)
