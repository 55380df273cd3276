"""The weights that torchvision publishes, and the folder where imported weights are kept. No torch."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.base.assets import asset_folder
from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.training.data.data_sets import RemoteFile, default_data_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

SUFFIX = ".safetensors"


@dataclass(frozen=True)
class PublishedWeights:
    """Weights that torchvision publishes for a net of the catalogue."""

    net: str
    version: str
    file: RemoteFile
    top1_error: float
    """Per cent, on ImageNet, as torchvision states it."""

    @property
    def name(self) -> str:
        """The name under which they are kept, as the recipe has it: resnet50-0676ba61."""
        return Path(self.file.name).stem


@cache
def published_weights() -> tuple[PublishedWeights, ...]:
    """Return all of them, the first version of each net before the second."""
    content = tomllib.loads((asset_folder("resources") / "weights.toml").read_text(encoding="utf-8"))
    return tuple(
        PublishedWeights(
            entry["net"],
            entry["version"],
            RemoteFile(entry["url"], entry["url"].removesuffix(".pth").rpartition("-")[2]),
            entry["top1_error"],
        )
        for entry in content["weights"]
    )


def find_published(name: str) -> PublishedWeights:
    """Return the weights of a name, or the first version of a net's. Raise DataError if none are published."""
    for weights in published_weights():
        if name in (weights.name, weights.file.name, weights.net, weights.net.removeprefix("torchvision-")):
            return weights
    raise DataError(
        _("{name}: torchvision publishes no weights of this name. `resviz weights` lists what there is.").format(
            name=name
        )
    )


def weights_folder() -> Path:
    """Return where imported weights are kept: beside the data sets."""
    return default_data_folder("weights")


def kept_weights(folder: Path | None = None) -> Sequence[str]:
    """Return the names of all imported weights."""
    try:
        return sorted(path.stem for path in (folder or weights_folder()).glob(f"*{SUFFIX}"))
    except OSError:
        return []
