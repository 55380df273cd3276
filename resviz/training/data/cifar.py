"""CIFAR-10 and -100 in their binary version, read straight out of the published archive or out of its folder.

Nothing is unpacked and nothing unpickled: a member of the archive is read by the name that it must have, into memory.
A record is 1 label byte (CIFAR-100: a coarse and a fine one) and 3072 pixels: red, green and blue planes of 32×32.
"""

from __future__ import annotations

import lzma
import tarfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.training.data.bounded_archive import open_tar
from resviz.training.data.data_sets import CIFAR_FILES, CIFAR_FOLDERS, DataInfo

if TYPE_CHECKING:
    from pathlib import Path

_PIXELS = 3 * 32 * 32
_LARGEST_FILE = 160_000_000
"""A little more than CIFAR-100's train.bin: what claims to be larger is no such file."""
_LABEL_BYTES = {"cifar10": 1, "cifar100": 2}


def read(name: str, info: DataInfo, folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training images (sample, channel, height, width) uint8 and labels, then those of the test.

    `folder` is the folder with the files or the archive, or the archive itself. Raise DataError if it can't be read.
    """
    files, label_bytes = CIFAR_FILES[name], _LABEL_BYTES[name]
    contents = _contents(name, folder, files, info)
    parts = [_records(contents[file], f"{folder}: {file}", label_bytes, info.classes) for file in files]
    known = len(files) - 1
    return (
        np.concatenate([images for images, _ in parts[:known]]),
        np.concatenate([labels for _, labels in parts[:known]]),
        np.concatenate([images for images, _ in parts[known:]]),
        np.concatenate([labels for _, labels in parts[known:]]),
    )


def _contents(name: str, folder: Path, files: tuple[str, ...], info: DataInfo) -> dict[str, bytes]:
    inner = CIFAR_FOLDERS[name]
    archive = folder if folder.is_file() else folder / info.files[0].name
    for place in (folder, folder / inner):
        if all((place / file).is_file() for file in files):
            return {file: _limited(place / file) for file in files}
    if archive.is_file():
        return _from_archive(archive, inner, files)
    raise DataError(
        _(
            "{folder}: there is neither {archive} nor {file}. Put the archive there, or fetch it with "
            "`resviz data {data}`."
        ).format(folder=folder, archive=info.files[0].name, file=files[0], data=name)
    )


def _limited(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST_FILE:
        raise DataError(
            _("{path} has {size} bytes. A file of CIFAR has at most {most}.").format(
                path=path, size=path.stat().st_size, most=_LARGEST_FILE
            )
        )
    return path.read_bytes()


def _from_archive(archive: Path, inner: str, files: tuple[str, ...]) -> dict[str, bytes]:
    names = {f"{inner}/{file}": file for file in files}
    found: dict[str, bytes] = {}
    try:
        with open_tar(archive, _LARGEST_FILE) as tar:
            for member in tar:
                file = names.get(member.name.removeprefix("./"))
                if file and member.isfile() and member.size <= _LARGEST_FILE:
                    content = tar.extractfile(member)
                    found[file] = content.read() if content else b""
                if len(found) == len(files):  # whatever is behind them is not even unpacked
                    break
    except (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(
            _("{archive} can't be read as an archive: {reason}. Fetch it again.").format(archive=archive, reason=reason)
        ) from None
    missing = [file for file in files if file not in found]
    if missing:
        raise DataError(
            _("{archive}: {file} is missing in it. Use the binary version of CIFAR.").format(
                archive=archive, file=missing[0]
            )
        )
    return found


def _records(content: bytes, where: str, label_bytes: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    size = label_bytes + _PIXELS
    if not content or len(content) % size:
        raise DataError(
            _(
                "{where}: {size} bytes are not a whole number of records of {record} bytes. The file may be "
                "cut off. Fetch it again."
            ).format(where=where, size=len(content), record=size)
        )
    records = np.frombuffer(content, np.uint8).reshape(-1, size)
    labels = records[:, label_bytes - 1]
    if labels.max() >= classes:
        raise DataError(
            _(
                "{where}: label {label} is out of range for {classes} classes. The file belongs to another data set."
            ).format(where=where, label=labels.max(), classes=classes)
        )
    return records[:, label_bytes:].reshape(-1, 3, 32, 32), labels
