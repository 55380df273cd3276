"""Data sets in their published formats: read, refused where they are damaged, and never unpacked."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from resviz.base.assets import asset_folder
from resviz.base.errors import DataError
from resviz.training.data.batches import Batches, Prefetcher, crop_and_flip
from resviz.training.data.data_sets import DATA, describe
from resviz.training.data.download import fetch, missing
from resviz.training.data.images import ImageSet, load
from resviz.training.random_generators import generator
from tests.helpers.file_server import CONTENT, FileServer, data_info

RANDOM = np.random.default_rng(0)


def _cifar_files(name: str, count: int) -> dict[str, bytes]:
    """Files of CIFAR's binary version, with `count` random records each."""
    label_bytes, classes = (1, 10) if name == "cifar10" else (2, 100)
    files = [f"data_batch_{n}.bin" for n in range(1, 6)] + ["test_batch.bin"]
    if name == "cifar100":
        files = ["train.bin", "test.bin"]
    found = {}
    for file in files:
        records = RANDOM.integers(0, 256, (count, label_bytes + 3072), np.uint8)
        records[:, :label_bytes] = RANDOM.integers(0, classes, (count, label_bytes))
        found[file] = records.tobytes()
    return found


def _archive(path: Path, files: dict[str, bytes], prefix: str = "") -> Path:
    prefix = prefix or ("cifar-100-binary/" if "train.bin" in files else "cifar-10-batches-bin/")
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
@pytest.mark.parametrize("packed", [True, False])
def test_cifar_is_read_from_its_archive_and_from_its_folder_alike(name: str, packed: bool, tmp_path: Path) -> None:
    files = _cifar_files(name, 12)
    if packed:
        _archive(tmp_path / DATA[name].files[0].name, files)
    else:
        for file, content in files.items():
            (tmp_path / file).write_bytes(content)
    data = load(name, 0, tmp_path)
    first = np.frombuffer(next(iter(files.values())), np.uint8)
    label_bytes = 1 if name == "cifar10" else 2
    assert data.images.shape == ((60 if name == "cifar10" else 12), 3, 32, 32)
    assert data.held_out_images.shape == (12, 3, 32, 32)
    assert int(data.labels[0]) == first[label_bytes - 1]  # CIFAR-100's fine label is the second
    assert data.images[0].flatten().tolist() == first[label_bytes : label_bytes + 3072].tolist()
    normalised = data.normalised(data.images)
    assert normalised.mean(0).abs().max() < 1e-4  # the per-pixel mean is subtracted (section 4.2)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([DATA[name].files[0].name] if packed else files)


def test_45k_5k_sets_a_tenth_of_the_training_images_apart(tmp_path: Path) -> None:
    _archive(tmp_path / "cifar-10-binary.tar.gz", _cifar_files("cifar10", 20))
    test, validation = (load("cifar10", 1, tmp_path, held_out=part) for part in ("test", "validation"))
    assert (len(test.labels), len(test.held_out_labels)) == (100, 20)
    assert (len(validation.labels), len(validation.held_out_labels)) == (90, 10)
    everything = torch.cat([validation.images, validation.held_out_images]).flatten(1).sum(1)
    assert sorted(everything.tolist()) == sorted(test.images.flatten(1).sum(1).tolist())


def test_an_archive_that_reaches_out_of_its_folder_writes_nothing(tmp_path: Path) -> None:
    inside = tmp_path / "data"
    inside.mkdir()
    _archive(inside / "cifar-10-binary.tar.gz", _cifar_files("cifar10", 2), prefix="../../")
    with pytest.raises(DataError, match=r"data_batch_1\.bin is missing in it"):
        load("cifar10", 0, inside)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert len(list(inside.iterdir())) == 1


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda files: files | {"data_batch_2.bin": files["data_batch_2.bin"][:-1]}, "not a whole number of records"),
        (
            lambda files: files | {"data_batch_1.bin": b"\xff" + files["data_batch_1.bin"][1:]},
            "label 255 is out of range for 10",
        ),
        (lambda files: {key: files[key] for key in list(files)[1:]}, "data_batch_1.bin is missing in it"),
    ],
)
def test_a_damaged_archive_is_answered_in_one_line(damage, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    _archive(tmp_path / "cifar-10-binary.tar.gz", damage(_cifar_files("cifar10", 3)))
    with pytest.raises(DataError, match=says) as error:
        load("cifar10", 0, tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 40_000), flip=st.integers(0, 40_000))
def test_whatever_stands_in_an_archives_place_gives_images_or_one_line(cut: int, flip: int, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("cifar")
    content = bytearray(_archive(folder / "cifar-10-binary.tar.gz", _cifar_files("cifar10", 2)).read_bytes())
    content[flip % len(content)] ^= 0xFF
    (folder / "cifar-10-binary.tar.gz").write_bytes(content[: cut % len(content)] if cut % 2 else content)
    try:
        load("cifar10", 0, folder)
    except DataError as error:
        assert "\n" not in str(error)


def _idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.tobytes()


def _write_mnist(folder: Path, packed: bool = True) -> list[np.ndarray]:
    arrays = [RANDOM.integers(0, 256, (30, 28, 28), np.uint8), RANDOM.integers(0, 10, 30).astype(np.uint8)]
    arrays += [RANDOM.integers(0, 256, (8, 28, 28), np.uint8), RANDOM.integers(0, 10, 8).astype(np.uint8)]
    for file, values in zip(DATA["mnist"].files, arrays, strict=True):
        name = file.name if packed else file.name.removesuffix(".gz")
        (folder / name).write_bytes(gzip.compress(_idx(values)) if packed else _idx(values))
    return arrays


@pytest.mark.parametrize("packed", [True, False])
def test_mnist_is_read_packed_and_unpacked(packed: bool, tmp_path: Path) -> None:
    arrays = _write_mnist(tmp_path, packed)
    data = load("mnist", 0, tmp_path)
    assert data.images.shape == (30, 1, 28, 28)
    assert data.images[:, 0].numpy().tolist() == arrays[0].tolist()
    assert data.held_out_labels.tolist() == arrays[3].tolist()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not an IDX file"),
        (b"\x00\x00\x08\x03\x00\x00", "not an IDX file"),
        (_idx(np.zeros((30, 28, 28), np.uint8))[:-5], "cut off"),
        (_idx(np.zeros((7, 28, 28), np.uint8)), "don't belong to MNIST"),
        (_idx(np.zeros((30, 5, 5), np.uint8)), "don't belong to MNIST"),
        (b"\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "cut off"),
    ],
)
def test_a_damaged_idx_file_is_answered_in_one_line(content: bytes, says: str, tmp_path: Path) -> None:
    _write_mnist(tmp_path)
    (tmp_path / DATA["mnist"].files[0].name).write_bytes(gzip.compress(content))
    with pytest.raises(DataError, match=says):
        load("mnist", 0, tmp_path)


def test_missing_files_say_where_and_how_to_get_them(tmp_path: Path) -> None:
    for name in ("mnist", "fashion", "cifar10", "cifar100"):
        with pytest.raises(DataError, match="resviz data") as error:
            load(name, 0, tmp_path)
        assert str(tmp_path) in str(error.value)


def test_a_folder_of_images_is_a_data_set(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("test", 2)):
        for name, colour in (("b", (200, 10, 10)), ("a", (10, 200, 10))):
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (30 + number, 20), colour).save(tmp_path / part / name / f"{number}.png")
    (tmp_path / "train" / "a" / "notes.txt").write_text("no image")
    info = describe("images", tmp_path, 16)
    assert (info.shape, info.classes) == ((3, 16, 16), 2)
    data = load("images", 0, tmp_path, image_side=16)
    assert data.images.shape == (8, 3, 16, 16)
    assert data.labels.tolist() == [0] * 4 + [1] * 4
    assert data.images[0, :, 8, 8].tolist() == [10, 200, 10]  # classes in the order of their names
    (tmp_path / "train" / "a" / "broken.png").write_bytes(b"\x89PNG no")
    with pytest.raises(DataError, match=r"broken\.png can't be read as an image"):
        load("images", 0, tmp_path, image_side=16)


def _images(count: int) -> ImageSet:
    images = torch.from_numpy(RANDOM.integers(0, 256, (count, 3, 32, 32), np.uint8))
    labels = torch.arange(count)
    return ImageSet(images, labels, images, labels, torch.zeros(3, 32, 32), 1.0)


def test_a_crop_is_a_place_of_the_padded_image_or_of_its_mirror_image() -> None:
    images = _images(40).images.float()
    made = crop_and_flip(images, generator(0, "test"))
    padded = torch.nn.functional.pad(images, (4,) * 4)
    mirrored = 0
    for sample, crop in enumerate(made):
        places = [
            (flip, dy, dx)
            for flip in (False, True)
            for dy in range(9)
            for dx in range(9)
            if torch.equal((crop.flip(2) if flip else crop), padded[sample, :, dy : dy + 32, dx : dx + 32])
        ]
        assert len(places) == 1
        mirrored += places[0][0]
    assert 8 < mirrored < 32


def test_batches_made_ahead_are_the_same_batches() -> None:
    batches = Batches(_images(64), 16, 3, "crop-flip")
    ahead = Prefetcher(batches.at)
    for step in (0, 1, 2, 7, 3, 4):
        images, labels = ahead.at(step)
        expected = batches.at(step)
        assert torch.equal(images, expected[0])
        assert torch.equal(labels, expected[1])
    ahead.close()


def test_a_download_that_broke_off_is_gone_on_with(url: str, tmp_path: Path) -> None:
    info, reports = data_info(url), []
    with pytest.raises(DataError, match="part that arrived is kept"):
        fetch(info, tmp_path)
    assert missing(info, tmp_path)
    fetch(info, tmp_path, lambda name, done, of: bool(reports.append((done, of)) or True))  # type: ignore[func-returns-value]
    assert (tmp_path / "data.bin").read_bytes() == CONTENT
    assert FileServer.ranges == [None, "bytes=400000-"]
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert not missing(info, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data.bin"]


def test_a_download_with_another_sha_256_is_not_kept(url: str, tmp_path: Path) -> None:
    FileServer.broke_off = True
    with pytest.raises(DataError, match="SHA-256"):
        fetch(data_info(url, b"other"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_download_can_be_stopped(url: str, tmp_path: Path) -> None:
    FileServer.broke_off = True
    with pytest.raises(DataError, match="stopped at"):
        fetch(data_info(url), tmp_path, lambda name, done, of: False)
    fetch(data_info(url), tmp_path)
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_without_a_network_a_download_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="yourself"):
        fetch(data_info("http://127.0.0.1:9/data.bin"), tmp_path)


def test_every_published_file_has_its_sum_pinned() -> None:
    for info in DATA.values():
        for file in info.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.url.startswith("https://")


def test_half_a_folder_of_cifar_is_still_missing_its_archive(tmp_path: Path) -> None:
    files = _cifar_files("cifar10", 2)
    (tmp_path / "test_batch.bin").write_bytes(files["test_batch.bin"])
    assert missing(DATA["cifar10"], tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert not missing(DATA["cifar10"], tmp_path)


def test_an_image_of_more_than_8_bits_is_refused_rather_than_turned_white(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / part / "a").mkdir(parents=True)
        Image.fromarray(np.full((20, 20), 40_000, np.uint16)).save(tmp_path / part / "a" / "deep.png")
    with pytest.raises(DataError, match="more than 8 bits"):
        load("images", 0, tmp_path)


def test_the_digits_are_those_of_uci_to_the_last_bit() -> None:
    """The checksum is of all 1797 × 65 numbers as scikit-learn 1.x reads them: no run changes its numbers."""
    with gzip.open(asset_folder("resources") / "digits" / "digits.csv.gz") as file:
        numbers = np.loadtxt(file, np.float32, delimiter=",")
    assert numbers.shape == (1797, 65)
    content = numbers.astype(np.uint8)
    assert np.array_equal(content, numbers)
    digest = hashlib.sha256(content.tobytes()).hexdigest()
    assert digest == "68aea062d35a127749050fa0e52dca09d6569ac08092c925610e0954e172dde2"
    images = load("digits16", 0)
    assert len(images.images) + len(images.held_out_images) == 1797
    assert len(images.images) == DATA["digits16"].training_images


def test_data_sets_are_as_large_as_their_authors_say() -> None:
    known = {name: (info.shape, info.classes, info.training_images) for name, info in DATA.items()}
    assert known["cifar10"] == ((3, 32, 32), 10, 50_000)
    assert known["cifar100"] == ((3, 32, 32), 100, 50_000)
    assert known["mnist"] == known["fashion"] == ((1, 28, 28), 10, 60_000)
    assert [known[name][1:] for name in ("digits16", "digits", "digits72")] == [(10, 1500)] * 3


@pytest.mark.parametrize("part", [1, 3])
@pytest.mark.parametrize("label", [10, 11, 200])
def test_a_label_that_is_out_of_range_is_answered_in_one_line(part: int, label: int, tmp_path: Path) -> None:
    _write_mnist(tmp_path)
    path = tmp_path / DATA["mnist"].files[part].name
    content = bytearray(
        gzip.decompress(path.read_bytes()) if path.read_bytes()[:2] == b"\x1f\x8b" else path.read_bytes()
    )
    content[-1] = label
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(DataError, match=f"label {label} is out of range for 10 classes"):
        load("mnist", 0, tmp_path)
