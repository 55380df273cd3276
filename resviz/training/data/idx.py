"""MNIST and what shares its format: IDX files, gzipped as published or unpacked.

Two zero bytes, the type (8: unsigned bytes), the number of axes, each axis as a big-endian int32, then the bytes.
"""

from __future__ import annotations

import gzip
import math
import zlib
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.errors import DataError
from resviz.base.translation import _

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.training.data.data_sets import DataInfo

_LARGEST = 200_000_000
"""Four times MNIST's training images; what unpacks to more is no such file."""


def read(name: str, info: DataInfo, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training images (sample, 1, height, width) uint8 and labels, then those of the test.

    Raise DataError if a file is missing or damaged.
    """
    arrays = [_read_file(name, folder, file.name) for file in info.files]
    for images, labels in ((arrays[0], arrays[1]), (arrays[2], arrays[3])):
        if images.shape[1:] != info.shape[1:] or labels.shape != images.shape[:1]:
            raise DataError(
                _("{folder}: images {images} and labels {labels} don't belong to {title}.").format(
                    folder=folder, images=images.shape, labels=labels.shape, title=info.title
                )
            )
        if labels.size and labels.max() >= info.classes:
            raise DataError(
                _(
                    "{folder}: label {label} is out of range for {classes} classes. The labels belong to another "
                    "data set."
                ).format(folder=folder, label=labels.max(), classes=info.classes)
            )
    return arrays[0][:, None], arrays[1], arrays[2][:, None], arrays[3]


def _read_file(data: str, folder: Path, name: str) -> np.ndarray:
    for path in (folder / name, folder / name.removesuffix(".gz")):
        if path.is_file():
            return _array(path)
    raise DataError(
        _("{folder}: {file} is missing. Put it there, or fetch it with `resviz data {data}`.").format(
            folder=folder, file=name, data=data
        )
    )


def _array(path: Path) -> np.ndarray:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(_("{path} can't be read: {error}. Fetch it again.").format(path=path, error=error)) from None
    axes = content[3] if len(content) >= 4 else 0
    start = 4 + 4 * axes
    if content[:3] != b"\x00\x00\x08" or not 1 <= axes <= 4 or len(content) < start:
        raise DataError(
            _("{path} is not an IDX file of bytes. Use the files that the authors of MNIST published.").format(
                path=path
            )
        )
    shape = tuple(int(side) for side in np.frombuffer(content, ">u4", axes, 4))
    if math.prod(shape) != len(content) - start:
        raise DataError(
            _(
                "{path} should hold {shape} values, but has {size} bytes. The file may be cut off. Fetch it again."
            ).format(path=path, shape=shape, size=len(content) - start)
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
