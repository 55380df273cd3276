"""The command that draws the README's pictures draws every workspace."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from resviz.gui.lessons.lessons_view import KINDS

pytestmark = pytest.mark.slow

TRAIN = {"train-before", "train-batch", "train-saturation", "train-options", "train-recipe", "train", "train-rewound"}
BUILD = {"build", "build-draft", "build-vgg", "build-figure3", "build-googlenet"}
BUILD |= {"build-differences", "build-costs", "build-memory"}
WINDOWS = {"claims", "claims-figures", "claims-history", "claims-vgg"}
WINDOWS |= {f"lesson-{key}" for key in KINDS} | {"story"}
COMPARE = {"compare-first", "compare", "compare-table"}
MODELS = ("model", "models-compared")
PICTURES = {*BUILD, *TRAIN, *WINDOWS, *COMPARE, *MODELS}


def test_each_workspace_is_drawn_in_a_real_state(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    command = [sys.executable, "-m", "tests.screenshots", str(folder), "--theme", "dark", "--steps", "3"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in folder.iterdir()} == {f"{name}-dark" for name in PICTURES}
    for path in folder.iterdir():
        picture = QImage(str(path))
        width, height = picture.width(), picture.height()
        of_model = path.stem.removesuffix("-dark") in MODELS  # windows of their own, as large as the screen lets them
        assert of_model or (width, height) == (1280, 720)
        colours = {picture.pixel(x, y) for x in range(0, width, 8) for y in range(0, height, 8)}
        assert len(colours) > 12, path.name
