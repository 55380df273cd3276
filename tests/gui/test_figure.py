"""A figure is what is on screen, in another size: lines and text that can be scaled, with title, legend and numbers."""

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.report_figures import read_scene
from resviz.gui.files import dialogs
from resviz.gui.plots import figure_dialog
from resviz.gui.plots.figure import SIZES, Figure, FigureSize
from resviz.gui.plots.scene import Scene
from resviz.gui.plots.views import VIEWS, View, compare_views
from resviz.gui.style import theme
from resviz.results.summary import find_summaries
from resviz.runs.library import sample_folder


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Four samples of 20 and 56 layers, at their last steps."""
    return read_scene([run.folder for run in find_summaries(sample_folder())[0] if run.notes.tags == ("depth",)])


def figure(scene: Scene, name: str, option: str = "") -> Figure:
    view = VIEWS[name]
    return Figure(view, option or (view.options[0][0] if view.options else ""), scene, "A <title> & more")


@pytest.mark.parametrize("view", compare_views(), ids=lambda view: view.name)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_every_view_is_a_figure_in_every_size(qapp: QApplication, scene: Scene, view: View, size: FigureSize) -> None:
    shown = len(qapp.topLevelWidgets())
    root = ElementTree.fromstring(figure(scene, view.name).content("svg", size))
    assert root.get("viewBox") == f"0 0 {size.width} {size.height}"
    assert "A <title> & more" in "".join(root.itertext())
    QApplication.sendPostedEvents(None, 0)
    assert not [widget for widget in qapp.topLevelWidgets()[shown:] if widget.isVisible()]


def test_curves_are_lines_and_text_and_no_pixels(scene: Scene) -> None:
    content = figure(scene, "response_gradient").content("svg", SIZES[1])
    root = ElementTree.fromstring(content)
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert "image" not in kinds
    words = "".join(root.itertext())
    assert all(words.count(net.name) >= 2 for net in scene.nets), "at its curve, and in the legend"
    assert "weight layer, from the input to the output" in words
    assert QSvgRenderer(content).isValid()


def test_a_pdf_is_one_page_of_the_size_that_was_asked_for(scene: Scene) -> None:
    column = next(size for size in SIZES if size.name == "column")
    content = figure(scene, "loss").content("pdf", column)
    assert content.startswith(b"%PDF")
    (box,) = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    points = [column.width * 0.75, column.height * 0.75]
    assert [float(side) for side in box] == pytest.approx(points, abs=1), "points: 72 to an inch, not 96"
    assert b"/Font" in content


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=lambda colours: colours.name)
def test_a_png_is_on_white_whatever_the_window_is_in(scene: Scene, colours: theme.Theme) -> None:
    theme.apply(colours)
    size = SIZES[1]
    image = QImage.fromData(figure(scene, "table").content("png", size))
    assert (image.width(), image.height()) == (size.width * size.png_scale, size.height * size.png_scale)
    assert image.pixelColor(2, 2).name().upper() == theme.LIGHT.panel
    darkest = min(image.pixelColor(x, y).lightness() for x in range(40, 600, 3) for y in range(0, 700, 3))
    assert darkest < 60, "text that can be read"
    assert theme.current() is colours


@pytest.mark.slow
def test_lines_of_a_png_are_as_wide_as_they_are_on_paper(scene: Scene) -> None:
    """A pen of two pixels is not to become a hair where four pixels stand for one."""
    widths = {}
    for size in SIZES:
        image = QImage.fromData(figure(scene, "loss").content("png", size))
        colour = theme.LIGHT.residual[0]
        inked = sum(
            image.pixelColor(x, y).name().upper() == colour
            for x in range(0, image.width(), 2)
            for y in range(image.height())
        )
        widths[size.name] = inked / (image.width() / 2) / size.png_scale
    assert widths["column"] > 0.5


def test_the_numbers_of_a_figure_are_what_was_measured(scene: Scene) -> None:
    rows = list(csv.DictReader(io.StringIO(figure(scene, "response_gradient").content("csv", SIZES[0]).decode())))
    for net in scene.nets:
        ours = [float(row["y"]) for row in rows if row["curve"] == net.name]
        np.testing.assert_allclose(ours, net.history.at("response_gradient", net.row), rtol=1e-6)
    table = figure(scene, "table").content("csv", SIZES[0]).decode().splitlines()
    assert table[0].startswith("net,layers,digits16,parameters")
    heat = list(csv.DictReader(io.StringIO(figure(scene, "heat").content("csv", SIZES[0]).decode())))
    first = scene.nets[0].history.at("response_gradient", 0)
    own = [row for row in heat if row["net"] == scene.nets[0].name and row["column"] == "0"]
    np.testing.assert_allclose([10 ** float(row["value"]) for row in own], first, rtol=1e-5)


def test_the_button_of_a_panel_saves_it(
    qtbot: QtBot,
    compare: CompareController,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "figure.svg"
    monkeypatch.setattr(figure_dialog, "ask_size", lambda *_: SIZES[0])
    monkeypatch.setattr(dialogs, "ask_where", lambda *_: path)
    compare.view.panels["main"].save.click()
    assert "Gradient of the responses" in "".join(ElementTree.fromstring(path.read_bytes()).itertext())
