"""Labels of what lies where in an image, made of its ink: for each pixel, or as a box."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from resviz.base.errors import DataError
from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.training.data.images import ImageSet

BACKGROUND = 0
"""The class of what is no ink; the digits' own come behind it."""


def labelled_densely(data: ImageSet) -> ImageSet:
    """Return the same images with a label for each pixel: (sample, height, width) int64.

    A pixel brighter than half of the brightest has the image's label plus 1. All others are `BACKGROUND`. Raise
    DataError if images are in colour.
    """
    return _relabelled(data, _pixels)


def labelled_with_boxes(data: ImageSet) -> ImageSet:
    """Return the same images, each with the box of its ink: labels (sample, 5) int64.

    A label has the image's own plus 1, then the first row and column, and the last ones. Raise DataError if images are
    in colour.
    """
    return _relabelled(data, _boxes)


def _relabelled(data: ImageSet, made: Callable[[Tensor, Tensor], Tensor]) -> ImageSet:
    if data.images.shape[1] != 1:
        raise DataError(_("A net with labels for each pixel or box needs grey images. Use a digits data set or MNIST."))
    lightest = data.images.max()

    def labels(images: Tensor, own: Tensor) -> Tensor:
        return made(images[:, 0] > lightest / 2, own + 1)

    return replace(
        data,
        labels=labels(data.images, data.labels),
        held_out_labels=labels(data.held_out_images, data.held_out_labels),
    )


def _pixels(ink: Tensor, labels: Tensor) -> Tensor:
    return labels[:, None, None].where(ink, labels.new_tensor(BACKGROUND))


def _boxes(ink: Tensor, labels: Tensor) -> Tensor:
    ends = []
    for axis in (2, 1):  # rows, then columns
        there = ink.any(axis).long()
        ends.append((there.argmax(1), there.shape[1] - 1 - there.flip(1).argmax(1)))
    (top, bottom), (left, right) = ends
    return torch.stack([labels, top, left, bottom, right], 1)
