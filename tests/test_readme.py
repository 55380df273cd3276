"""What the README says is so."""

import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.notation import Stage
from resviz.nets.spec import from_toml
from resviz.runs.folder import RunFolder

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 10_000, picture


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 120


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    page = PAGES[name]
    paths = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|toml|md|txt))`", page))
    missing = [path for path in paths if not (ROOT / path).exists() and not (ROOT / "resviz" / path).exists()]
    assert not missing
    links = re.findall(r"\]\((?!http|#)([^)#]+)", page)
    folder = ROOT if name == "README.md" else ROOT / "docs"
    assert not [link for link in links if not (folder / link).exists()]


def test_the_notation_page_s_examples_are_nets() -> None:
    page = PAGES["notation.md"]
    specs = re.findall(r"<!-- spec example -->\n```toml\n(.*?)```", page, re.DOTALL)
    assert specs
    for text in specs:
        assert len(build(from_toml(text)).weight_layers) > 1
    blocks = re.findall(r"<!-- cell examples -->\n```text\n(.*?)```", page, re.DOTALL)
    cells = [line for block in blocks for line in block.splitlines()]
    assert len(cells) > 5
    for cell in cells:
        assert Stage.parse(str(Stage.parse(cell))) == Stage.parse(cell)


def test_the_run_folder_page_s_reader_reads_a_run_as_we_do(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"<!-- reader example -->\n```python\n(.*?)```", PAGES["run-folder.md"], re.DOTALL)
    assert "import resviz" not in code
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(compile(code, "run-folder.md", "exec"), names)
    ours = RunFolder(names["folder"]).rows()
    for name, values in ours.items():
        assert np.array_equal(np.array(names["rows"][name].to_pylist()), values, equal_nan=True), name


def test_the_names_it_lists_are_known() -> None:
    for name in ("resnet18", "plain34", "vgg16c", "cifar-resnet1202", "cifar-plain20", "torchvision-resnet50"):
        assert catalogue.find(name).name == name


def test_the_python_versions_are_those_of_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "Python 3.11 to 3.13" in README
    assert project["requires-python"] == ">=3.11"


def test_the_readme_counts_the_claims_lessons_and_views() -> None:
    from resviz.analysis.claims.checks import check
    from resviz.experiments.lessons import lessons, story
    from resviz.gui.plots.views import train_views

    claims = check()
    computed = [claim for claim in claims if claim.verdict != "measured elsewhere"]
    differ = [claim for claim in computed if claim.verdict == "differs"]
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"checks {len(claims)} numbers" in text
    assert f"recomputes {len(computed)} of them and says why {len(differ)} differ" in text
    words = {14: "Fourteen pages", len(lessons()): "Twenty-two lessons", len(train_views()): "Twenty views"}
    assert words == {len(story()): "Fourteen pages", 22: "Twenty-two lessons", 20: "Twenty views"}
    assert all(word in text for word in words.values())
