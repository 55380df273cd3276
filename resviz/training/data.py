"""Images to train on, whole in memory, and the order in which a run sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resviz.training.init import derived_seed
from resviz.training.recipe import DATA

_DIGITS_HELD_OUT = 297


class DataError(ValueError):
    """What is wrong with the data asked for, and what would do; one line."""


@dataclass(frozen=True)
class ImageSet:
    """Images (sample, channel, height, width), float32, training mean 0 and deviation 1; labels (sample,), int64."""

    images: Tensor
    labels: Tensor
    held_out_images: Tensor
    held_out_labels: Tensor

    def to(self, device: torch.device) -> ImageSet:
        return ImageSet(
            self.images.to(device),
            self.labels.to(device),
            self.held_out_images.to(device),
            self.held_out_labels.to(device),
        )


def load(name: str, seed: int) -> ImageSet:
    """A data set by its name in `recipe.DATA`, split by the seed. Raises DataError for a name that is not there."""
    if name not in DATA:
        raise DataError(f"no data named {name!r}; known are {', '.join(DATA)}")
    return _digits(DATA[name].shape[-1], seed)


def _digits(side: int, seed: int) -> ImageSet:
    """scikit-learn's handwritten digits (Alpaydin and Kaynak, UCI 1998): 1797 real images of 8x8 pixels, resized."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    small = torch.from_numpy(np.asarray(pixels, np.float32)).reshape(-1, 1, 8, 8)
    images = functional.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    order = torch.randperm(len(images), generator=_generator(seed, "split"))
    held_out, train = order[:_DIGITS_HELD_OUT], order[_DIGITS_HELD_OUT:]
    images = (images - images[train].mean()) / images[train].std(correction=0)
    answers = torch.from_numpy(np.asarray(labels, np.int64))
    return ImageSet(images[train], answers[train], images[held_out], answers[held_out])


class Batches:
    """The batch of each step: a pure function of the seed and the step, so that a resumed run goes on with the same.

    Each epoch is a new permutation; what is left over at its end, less than a batch, is dropped.
    """

    def __init__(self, data: ImageSet, batch: int, seed: int) -> None:
        if batch > len(data.images):
            raise DataError(f"batch {batch} is larger than the {len(data.images)} training images; take a smaller one")
        self._data, self._batch, self._seed = data, batch, seed
        self._order = lru_cache(maxsize=2)(self._order_of_epoch)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Images (sample, channel, height, width) and labels (sample,) of this step."""
        epoch, place = divmod(step, len(self._data.images) // self._batch)
        chosen = self._order(epoch)[place * self._batch : (place + 1) * self._batch]
        return self._data.images[chosen], self._data.labels[chosen]

    def _order_of_epoch(self, epoch: int) -> Tensor:
        order = torch.randperm(len(self._data.images), generator=_generator(self._seed, f"epoch {epoch}"))
        return order.to(self._data.images.device)


def _generator(seed: int, purpose: str) -> torch.Generator:
    return torch.Generator().manual_seed(derived_seed(seed, purpose))
