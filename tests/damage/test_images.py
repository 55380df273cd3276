"""A folder of a stranger's images starts no program, takes no needless memory, and is refused in one line."""

import io
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resviz.base.errors import DataError
from resviz.training.data.data_sets import DATA, describe
from resviz.training.data.folder_of_images import read

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF", "tif": "TIFF"}
EPS = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 16 16
%%EndComments
showpage
%%EOF
"""


def pictures(folder: Path, content: bytes, ending: str = "png") -> Path:
    for part in ("train", "test"):
        (folder / part / "cat").mkdir(parents=True, exist_ok=True)
        (folder / part / "cat" / f"a.{ending}").write_bytes(content)
    return folder


def load(folder: Path) -> np.ndarray:
    images: np.ndarray = read("images", describe("images", folder, 16), folder)[0]
    return images


def encoded(kind: str, side: int = 24) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(("ending", "kind"), FORMATS.items())
def test_every_named_format_is_read(tmp_path: Path, ending: str, kind: str) -> None:
    assert load(pictures(tmp_path, encoded(kind), ending)).shape == (1, 3, 16, 16)


def test_a_picture_in_postscript_starts_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **_options: object) -> None:
        raise AssertionError(f"a program was started: {arguments}")

    for name in ("Popen", "run", "check_call", "call", "check_output"):
        monkeypatch.setattr(subprocess, name, refuse)
    with pytest.raises(DataError, match=r"a\.png can't be read as an image"):
        load(pictures(tmp_path, EPS))


@pytest.mark.parametrize("seed", range(120))
def test_a_changed_image_is_read_or_refused_in_one_line_that_names_the_file(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    ending, kind = draw.choice(list(FORMATS.items()))
    content = bytearray(encoded(kind))
    for _change in range(draw.choice((1, 1, 3, 30))):
        content[draw.randrange(len(content))] = draw.randrange(256)
    if draw.random() < 0.2:
        del content[draw.randrange(len(content)) :]
    folder = pictures(tmp_path, bytes(content), ending)
    try:
        assert load(folder).shape == (1, 3, 16, 16)
    except DataError as error:
        assert f"a.{ending}" in str(error)
        assert "\n" not in str(error)
        assert len(str(error)) < 700


@pytest.mark.slow
def test_eight_large_pictures_take_the_memory_of_one(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (6900, 7000)).save(out, "PNG", compress_level=1)
    for part in ("train", "test"):
        (tmp_path / part / "cat").mkdir(parents=True)
        for number in range(8 if part == "train" else 1):
            (tmp_path / part / "cat" / f"{number}.png").write_bytes(out.getvalue())
    code = (
        "import resource, sys; from pathlib import Path; from tests.damage.test_images import load;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; load(Path(sys.argv[1]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    if sys.platform != "linux":
        pytest.skip("the memory of a process is read as Linux tells it")
    grown = int(subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=True).stdout)
    assert grown < 600_000, f"{grown} kB"


def test_the_formats_are_named_where_the_data_set_is_described() -> None:
    assert "PNG, JPEG, WebP, BMP, GIF or TIFF" in DATA["images"].source
