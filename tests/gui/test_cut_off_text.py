"""No text of the window is cut off: in English, and in a language that is 40% longer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resviz.experiments.lessons import story
from resviz.gui.lessons.lessons_view import KINDS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("language", "size"), [("en", "1280 720"), ("pseudo", "1280 720"), ("en", "1024 768")], ids=lambda value: value
)
def test_no_text_is_cut_off(language: str, size: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "RESVIZ_LANGUAGE": language}
    command = [sys.executable, "-m", "tests.helpers.cut_off_text", *size.split()]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    pages = {f"illustration {key}" for key in KINDS} | {f"story {lesson.name}" for lesson in story()}
    assert found.keys() == {"build", "train", "recipe", "compare", "claims"} | pages
    assert not any(found.values()), found
