"""A folder of one's own images: train/CLASS/*.png and test/CLASS/*.png, resized and cropped to squares."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.training.data.data_sets import IMAGE_FILES, DataInfo, image_classes

if TYPE_CHECKING:
    from pathlib import Path

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
"""What is decoded, whatever a file calls itself: for others, such as EPS, Pillow would start other programs."""
_MAX_REASON = 200
_MAX_BYTES = 4_000_000_000
_LARGE_IMAGE = 4_000_000
"""Pixels; of larger pictures one is decoded at a time."""
_one_large = threading.Lock()
_LARGEST_IMAGE = 50_000_000
"""Pixels; a picture that says it has more is refused before it is decoded."""


def read(name: str, info: DataInfo, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training images (sample, 3, side, side) uint8 and labels, then those of `test` or `val`.

    Raise DataError if an image can't be read.
    """
    classes = image_classes(folder)
    held_out = next((folder / part for part in ("test", "val") if (folder / part).is_dir()), None)
    if held_out is None:
        raise DataError(_("{folder}: no `test` folder found. Expected test/CLASS/*.png.").format(folder=folder))
    side = info.shape[-1]
    return (*_read_part(folder / "train", classes, side), *_read_part(held_out, classes, side))


def _read_part(part: Path, classes: tuple[str, ...], side: int) -> tuple[np.ndarray, np.ndarray]:
    files = [(path, label) for label, name in enumerate(classes) for path in _images(part / name)]
    if len(files) * 3 * side * side > _MAX_BYTES:
        raise DataError(
            _(
                "{folder}: {count} images of {side}×{side} pixels need too much memory. Use a smaller image side."
            ).format(folder=part, count=len(files), side=side)
        )
    with ThreadPoolExecutor() as pool:
        images = list(pool.map(lambda file: _read_image(file[0], side), files))
    empty = np.empty((0, 3, side, side), np.uint8)
    return np.stack(images) if images else empty, np.array([label for _, label in files], np.int64)


def _images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_FILES and path.is_file())


def _read_image(path: Path, side: int) -> np.ndarray:
    """Return the middle square, resized: (3, side, side) uint8."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > _LARGEST_IMAGE:
                raise DataError(
                    _("{path} has {width}×{height} pixels. Use images of up to {most} pixels in all.").format(
                        path=path, width=image.width, height=image.height, most=_LARGEST_IMAGE
                    )
                )
            if image.mode in ("I", "F") or image.mode.startswith("I;16"):
                raise DataError(
                    _(
                        "{path} has more than 8 bits per channel (mode {mode}). Use images with 8 bits per channel."
                    ).format(path=path, mode=image.mode)
                )
            alone = _one_large if image.width * image.height > _LARGE_IMAGE else contextlib.nullcontext()
            with alone:  # decoded side by side, a few large ones would take gigabytes
                square = ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.BILINEAR)
    except DataError:
        raise
    except Exception as error:  # decoders raise whatever a damaged file leads them to
        reason = " ".join(str(error).split())[:_MAX_REASON] or type(error).__name__
        raise DataError(_("{path} can't be read as an image: {reason}").format(path=path, reason=reason)) from None
    return np.ascontiguousarray(np.asarray(square, np.uint8).transpose(2, 0, 1))
