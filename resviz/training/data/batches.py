"""The order in which a run sees the images, and what is done to them on the way. Pure functions of seed and step."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.training.random_generators import generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.training.data.images import ImageSet

ALL = slice(None)
PADDING = 4
"""Pixels of zeros on each side before a crop: section 4.2."""

Batch = tuple[Tensor, Tensor]
"""Images (sample, channel, height, width) float32 and labels (sample,) int64."""


class Batches:
    """The batch of each step. A resumed run gets the same batches.

    Each epoch is a new permutation. The images that are left over at its end, less than a batch, are dropped.
    """

    def __init__(self, data: ImageSet, batch: int, seed: int, augmentation: str = "none", part: slice = ALL) -> None:
        """Prepare the batches of a training.

        `part` is the part of each batch that is made: the same samples as in the whole batch. Raise DataError if there
        are fewer images than a batch has.
        """
        if batch > len(data.images):
            raise DataError(
                _("batch: {batch} is larger than the {count} training images. Use {count} or less.").format(
                    batch=batch, count=len(data.images)
                )
            )
        self._data, self._batch, self._seed, self._augmentation = data, batch, seed, augmentation
        self._part = part
        self._order = lru_cache(maxsize=2)(partial(_order_of_epoch, data, seed))

    def at(self, step: int) -> Batch:
        """Return the images of this step, normalised and augmented, and their labels."""
        epoch, place = divmod(step, len(self._data.images) // self._batch)
        chosen = self._order(epoch)[place * self._batch : (place + 1) * self._batch]
        chosen = chosen[self._part]
        images = self._data.normalised(self._data.images[chosen])
        if self._augmentation != "none":
            random = generator(self._seed, f"augmentation {step}")
            flips = self._augmentation == "crop-flip"
            images = crop_and_flip(images, random, self._batch, self._part, flips=flips)
        return images, self._data.labels[chosen]


def _order_of_epoch(data: ImageSet, seed: int, epoch: int) -> Tensor:
    order = torch.randperm(len(data.images), generator=generator(seed, f"epoch {epoch}"))
    return order.to(data.images.device)


def crop_and_flip(
    images: Tensor, random: torch.Generator, batch: int | None = None, part: slice = ALL, *, flips: bool = True
) -> Tensor:
    """Return randomly cropped and, with `flips`, mirrored images: (sample, channel, height, width).

    "4 pixels are padded on each side, and a 32×32 crop is randomly sampled from the padded image or its horizontal
    flip" (section 4.2). Images may be a `part` of a `batch`. The draws are the same on every device, and each sample
    has those of the whole batch.
    """
    count, channels, height, width = images.shape
    drawn = batch or count
    moves = torch.randint(0, 2 * PADDING + 1, (2, drawn), generator=random)[:, part]
    mirrored = (torch.rand(drawn, generator=random) < 0.5)[part]
    rows = moves[0, :, None] + torch.arange(height)
    columns = moves[1, :, None] + torch.arange(width)
    if flips:
        columns = torch.where(mirrored[:, None], columns.flip(1), columns)
    device = images.device
    padded = functional.pad(images, (PADDING,) * 4)
    return padded[
        torch.arange(count, device=device)[:, None, None, None],
        torch.arange(channels, device=device)[None, :, None, None],
        rows.to(device)[:, None, :, None],
        columns.to(device)[:, None, None, :],
    ]


class Prefetcher:
    """Batches made a step ahead in a thread of its own, while the step before is trained on."""

    def __init__(self, at: Callable[[int], Batch]) -> None:
        self._at = at
        self._pool = ThreadPoolExecutor(1, "batches")
        self._next: tuple[int, Future[Batch]] | None = None

    def at(self, step: int) -> Batch:
        """Return the batch of a step, and start to prepare the next one."""
        made = self._next[1].result() if self._next and self._next[0] == step else self._at(step)
        self._next = (step + 1, self._pool.submit(self._at, step + 1))
        return made

    def close(self) -> None:
        """Stop preparing batches."""
        self._pool.shutdown(wait=True, cancel_futures=True)
