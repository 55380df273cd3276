"""Labels for each pixel, for nets that answer at each place: of digits, which pixel is ink of which."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from resviz.training.data.catalogue import DataError
from resviz.training.data.images import ImageSet

BACKGROUND = 0
"""The class of what is no ink; the digits' own come behind it."""


def labelled_densely(data: ImageSet) -> ImageSet:
    """The same images, each pixel with a label: the image's own plus 1 where it is lighter than half of the lightest,
    `BACKGROUND` elsewhere. Labels: (sample, height, width) int64. Raises DataError where images are in colour."""
    if data.images.shape[1] != 1:
        raise DataError("images in colour have no labels for each pixel; the digits will do, and MNIST")
    lightest = data.images.max()
    return replace(
        data,
        labels=_labels(data.images, data.labels, lightest),
        held_out_labels=_labels(data.held_out_images, data.held_out_labels, lightest),
    )


def _labels(images: Tensor, labels: Tensor, lightest: Tensor) -> Tensor:
    ink = images[:, 0] > lightest / 2
    return (labels[:, None, None] + 1).where(ink, labels.new_tensor(BACKGROUND))
