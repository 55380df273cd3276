"""Recipes of papers, as values that fields of a recipe take on: `resources/recipes.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from resviz.base.assets import asset_folder
from resviz.base.errors import RecipeError
from resviz.base.translation import _
from resviz.training.recipe import TrainConfig, validate_recipe


@dataclass(frozen=True)
class RecipePreset:
    """A recipe of a paper. `values` are those of the fields that the paper prints; the others stay as they are."""

    name: str
    title: str
    source: str
    values: dict[str, Any]

    def fits(self, config: TrainConfig) -> bool:
        """Return whether a recipe has all of the preset's values."""
        ours = config.model_dump(mode="json")
        return all(ours[name] == value for name, value in self.values.items())

    def apply(self, config: TrainConfig) -> TrainConfig:
        """Return a recipe with the preset's values. Raises RecipeError if they don't fit the other fields."""
        return validate_recipe({**config.model_dump(), **self.values}, self.title)


@cache
def presets() -> dict[str, RecipePreset]:
    """Return all presets by their names."""
    content = tomllib.loads((asset_folder("resources") / "recipes.toml").read_text(encoding="utf-8"))
    return {name: RecipePreset(name, **entry) for name, entry in content.items()}


def find_preset(name: str) -> RecipePreset:
    """Return a preset by its name. Raises RecipeError, which names those that there are."""
    found = presets().get(name)
    if found is None:
        raise RecipeError(
            _("{name} is not a preset. Use one of {known}.").format(name=name[:80], known=", ".join(presets()))
        )
    return found
