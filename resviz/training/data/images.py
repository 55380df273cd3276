"""Images to train on, whole in memory: loaded by name, split, and normalised."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resviz.base.assets import asset_folder
from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.training.data import cifar, folder_of_images, idx
from resviz.training.data.data_sets import DataInfo, default_data_folder, describe
from resviz.training.random_generators import generator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_DIGITS_HELD_OUT = 297
_VALIDATION_SHARE = 10
"""One in ten: 5 000 of CIFAR's 50 000 (section 4.2)."""

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Training images (sample, channel, height, width) uint8 and labels (sample,), then those that are held out."""


@dataclass(frozen=True)
class ImageSet:
    """Images (sample, channel, height, width), uint8 or float32; labels (sample,), int64.

    `mean`, of one image or one number, and `deviation`, one number, are those of the training images. Section 4.2
    subtracts the per-pixel mean; that all is divided by one deviation is ours, so that inputs are of order 1.
    """

    images: Tensor
    labels: Tensor
    held_out_images: Tensor
    held_out_labels: Tensor
    mean: Tensor
    deviation: float

    def normalised(self, images: Tensor) -> Tensor:
        """Return some images as a net reads them: with training mean 0 and deviation 1."""
        pixels = images if images.is_floating_point() else images.float()
        return (pixels - self.mean) / self.deviation

    def limited(self, count: int, seed: int) -> ImageSet:
        """Return a copy with so many training images, drawn by the seed; all of them for 0. Raises DataError.

        Mean and deviation stay those of all training images.
        """
        if not count:
            return self
        if count > len(self.images):
            raise DataError(
                _("training images: {count} are more than the {most} that there are. Use {most} or less.").format(
                    count=count, most=len(self.images)
                )
            )
        chosen = torch.randperm(len(self.images), generator=generator(seed, "training images"))[:count]
        chosen = chosen.to(self.images.device)
        return replace(self, images=self.images[chosen], labels=self.labels[chosen])

    def to(self, device: torch.device) -> ImageSet:
        """Return a copy with all tensors on a device."""
        tensors = ("images", "labels", "held_out_images", "held_out_labels", "mean")
        return replace(self, **{name: getattr(self, name).to(device) for name in tensors})


def load(name: str, seed: int, folder: Path | None = None, held_out: str = "test", image_side: int = 32) -> ImageSet:
    """Return a data set by its name in `catalogue.DATA`. Raises DataError: what is missing, where, and what would do.

    `folder` is where its own files are: `default_data_folder` by default. What is held out are the test images, or a
    tenth of the training images that the seed chooses ("validation"); the digits have one split, by the seed.
    """
    folder = folder or default_data_folder(name)
    info = describe(name, folder, image_side)
    if info.kind == "digits":
        return _digits(info.shape[-1], seed)
    images, labels, test_images, test_labels = _READERS[info.kind](name, info, folder)
    order = np.arange(len(labels))
    if held_out == "validation":
        order = torch.randperm(len(labels), generator=generator(seed, "split")).numpy()
        apart, order = (
            np.sort(order[: len(labels) // _VALIDATION_SHARE]),
            np.sort(order[len(labels) // _VALIDATION_SHARE :]),
        )
        test_images, test_labels = images[apart], labels[apart]
    images, labels = images[order], labels[order]
    if not len(labels) or not len(test_labels):
        raise DataError(
            _("{name} in {folder}: {training} training and {held_out} held-out images are too few.").format(
                name=name, folder=folder, training=len(labels), held_out=len(test_labels)
            )
        )
    return _image_set(images, labels, test_images, test_labels)


def _image_set(images: np.ndarray, labels: np.ndarray, test_images: np.ndarray, test_labels: np.ndarray) -> ImageSet:
    mean = images.mean(0, dtype=np.float64)
    # The variance over all, from sums: a float copy of the whole set would take four times its memory.
    squares = sum(float(np.square(part, dtype=np.float64).sum()) for part in np.array_split(images, 64))
    deviation = max(np.sqrt(max(squares / images.size - np.square(mean).mean(), 0.0)), 1e-6)
    return ImageSet(
        torch.from_numpy(images),
        torch.from_numpy(labels.astype(np.int64)),
        torch.from_numpy(np.array(test_images)),  # what was read from bytes is not writable
        torch.from_numpy(test_labels.astype(np.int64)),
        torch.from_numpy(mean.astype(np.float32)),
        float(deviation),
    )


def _digits(side: int, seed: int) -> ImageSet:
    """The handwritten digits that come with the program: 1797 real images of 8x8 pixels, resized.

    Their source and licence are in resources/digits.
    """
    with gzip.open(asset_folder("resources") / "digits" / "digits.csv.gz") as file:
        lines = np.loadtxt(file, np.float32, delimiter=",")
    pixels, labels = lines[:, :-1], lines[:, -1]
    small = torch.from_numpy(np.ascontiguousarray(pixels)).reshape(-1, 1, 8, 8)
    images = functional.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    order = torch.randperm(len(images), generator=generator(seed, "split"))
    held_out, train = order[:_DIGITS_HELD_OUT], order[_DIGITS_HELD_OUT:]
    answers = torch.from_numpy(np.asarray(labels, np.int64))
    mean, deviation = images[train].mean(), float(images[train].std(correction=0))
    return ImageSet(images[train], answers[train], images[held_out], answers[held_out], mean, deviation)


_READERS: dict[str, Callable[[str, DataInfo, Path], Arrays]] = {
    "idx": idx.read,
    "cifar": cifar.read,
    "images": folder_of_images.read,
}
