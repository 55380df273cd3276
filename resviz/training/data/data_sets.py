"""The data sets that have a name: what is known of each without loading it. No torch.

The digits come with the program. The others are the user's own files, or downloaded ones, which are what their authors
published: each file's SHA-256 is pinned.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.base.errors import DataError
from resviz.base.translation import _

if TYPE_CHECKING:
    from resviz.nets.op import Shape

_TORONTO = "https://www.cs.toronto.edu/~kriz/"
_MNIST = "https://storage.googleapis.com/cvdf-datasets/mnist/"
_FASHION = "https://fashion-mnist.s3.eu-central-1.amazonaws.com/"


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its address, its SHA-256 or the beginning of it, and its size in bytes.

    `unpacked` are sets of files that show that the archive has been unpacked.
    """

    url: str
    sha256: str
    size: int = 0
    unpacked: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        """The file's name, without its address."""
        return self.url.rsplit("/", 1)[1]


@dataclass(frozen=True)
class DataInfo:
    """A data set and how to read it.

    `shape` is that of an image: channels × height × width. `kind` says how the files are read. `files` are what a
    download fetches, in reading order.
    """

    title: str
    shape: Shape
    classes: int
    kind: str
    source: str
    training_images: int
    """Images to train on while the test images are held out; 0 if only the folder knows."""
    files: tuple[RemoteFile, ...] = ()


CIFAR_FILES = {
    "cifar10": (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"),
    "cifar100": ("train.bin", "test.bin"),
}
"""The files of the binary versions, those to train on first and the test's last."""
CIFAR_FOLDERS = {"cifar10": "cifar-10-batches-bin", "cifar100": "cifar-100-binary"}
"""The folder in the archive that holds them."""


def _unpacked(name: str) -> tuple[tuple[str, ...], ...]:
    """In the folder itself, or in the folder that the archive makes."""
    return CIFAR_FILES[name], tuple(f"{CIFAR_FOLDERS[name]}/{file}" for file in CIFAR_FILES[name])


def _idx(base: str, *sums: str) -> tuple[RemoteFile, ...]:
    names = (f"{part}-{what}.gz" for part in ("train", "t10k") for what in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    return tuple(
        RemoteFile(base + name, sha256, unpacked=((name.removesuffix(".gz"),),))
        for name, sha256 in zip(names, sums, strict=True)
    )


_DIGITS = _("1797 handwritten digits of 8×8 pixels, enlarged; 297 are held out (Alpaydin and Kaynak, UCI 1998)")

DATA: dict[str, DataInfo] = {
    "digits16": DataInfo(_("digits 16×16"), (1, 16, 16), 10, "digits", _DIGITS, 1500),
    "digits": DataInfo(_("digits 32×32"), (1, 32, 32), 10, "digits", _DIGITS, 1500),
    "digits72": DataInfo(_("digits 72×72"), (1, 72, 72), 10, "digits", _DIGITS, 1500),
    "mnist": DataInfo(
        "MNIST",
        (1, 28, 28),
        10,
        "idx",
        _("60 000 training and 10 000 test images of handwritten digits (LeCun, Cortes and Burges)"),
        60_000,
        _idx(
            _MNIST,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "fashion": DataInfo(
        "Fashion-MNIST",
        (1, 28, 28),
        10,
        "idx",
        _("60 000 training and 10 000 test images of clothing (Xiao, Rasul and Vollgraf 2017)"),
        60_000,
        _idx(
            _FASHION,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
    "cifar10": DataInfo(
        "CIFAR-10",
        (3, 32, 32),
        10,
        "cifar",
        _("50 000 training and 10 000 test images of 10 classes (Krizhevsky 2009, binary version; section 4.2)"),
        50_000,
        (
            RemoteFile(
                _TORONTO + "cifar-10-binary.tar.gz",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                170_052_171,
                _unpacked("cifar10"),
            ),
        ),
    ),
    "cifar100": DataInfo(
        "CIFAR-100",
        (3, 32, 32),
        100,
        "cifar",
        _("50 000 training and 10 000 test images of 100 classes (Krizhevsky 2009, binary version)"),
        50_000,
        (
            RemoteFile(
                _TORONTO + "cifar-100-binary.tar.gz",
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
                168_513_733,
                _unpacked("cifar100"),
            ),
        ),
    ),
    "images": DataInfo(
        _("a folder of images"),
        (3, 32, 32),
        0,
        "images",
        _("your own folder with train/CLASS/*.png and test/CLASS/*.png (PNG, JPEG, WebP, BMP, GIF or TIFF)"),
        0,
    ),
}
IMAGE_FILES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"))


def default_data_folder(name: str) -> Path:
    """Return where a data set is looked for: a folder of its name in RESVIZ_DATA, or in the user's data folder."""
    root = os.environ.get("RESVIZ_DATA")
    if root:
        return Path(root) / name
    from platformdirs import user_data_path

    return user_data_path("resviz") / "data" / name


def describe(name: str, folder: Path, image_side: int) -> DataInfo:
    """Return what is known of a data set.

    For a folder of images, look up its classes. Raise DataError if it is not known.
    """
    if name not in DATA:
        raise DataError(
            _("The data set {name} is not known. Use one of {names}.").format(name=repr(name), names=", ".join(DATA))
        )
    info = DATA[name]
    if info.kind != "images":
        return info
    classes = len(image_classes(folder))
    return DataInfo(info.title, (3, image_side, image_side), classes, info.kind, info.source, 0)


def image_classes(folder: Path) -> tuple[str, ...]:
    """Return the classes of a folder of images: the sorted folders in `train`. Raise DataError if there are none."""
    train = folder / "train"
    try:
        names = sorted(entry.name for entry in train.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise DataError(
            _("{folder}: {reason}. Expected train/CLASS/*.png.").format(folder=train, reason=error.strerror or error)
        ) from None
    if not names:
        raise DataError(_("{folder}: there is no folder in it. Expected train/CLASS/*.png.").format(folder=train))
    return tuple(names)
