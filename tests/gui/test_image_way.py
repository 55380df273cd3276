"""LESSONS shows a held-out image's way through a saved net."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from resviz.gui.lessons.image_way_page import ImageWayPage
from resviz.gui.lessons.image_way_picture import grey, picture
from resviz.gui.main_window import MainWindow
from tests.gui.test_ablation_page import train


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> ImageWayPage:
    train(tmp_path / "runs")
    window.open("lessons")
    window.show()
    lessons = window.open_lessons()
    lessons.chips.button("image").click()
    found = lessons.pages["image"]
    assert isinstance(found, ImageWayPage)
    found.measure.click()
    qtbot.waitUntil(lambda: found.run is not None, timeout=60_000)
    return found


def test_the_mistakes_come_first_and_an_image_is_chosen_below(page: ImageWayPage) -> None:
    run = page.run
    assert run is not None
    assert page.choices[0].currentText().startswith("ResNet-20")
    assert page.images.count() == len(run.mistakes) + len(run.others)
    first, shown = run.mistakes[0], page.way.shown
    assert shown is first
    assert page.images.item(0).text() == f"{first.label}, not {first.answer}"
    page.images.setCurrentRow(len(run.mistakes))
    assert page.way.shown is run.others[0]
    assert page.images.currentItem().text() == str(run.others[0].label)
    wrong = int(run.confusion.sum() - run.confusion.trace())
    assert f"{wrong} of {run.confusion.sum()} held-out images" in page.result.text()


def test_the_mouse_reads_maps_probabilities_and_the_matrix(page: ImageWayPage) -> None:
    for plot in (page.way, page.confusion):
        plot.grab()
        places = [QPointF(x, y) for x in range(0, plot.width(), 9) for y in range(0, plot.height(), 9)]
        said = {plot.reading(place) for place in places} - {""}
        assert len(said) > 10
        assert len(plot.numbers()) == 11
    assert any("images of class 3 are answered with 3" in text for text in said)


@pytest.mark.parametrize("ending", ["svg", "png", "csv"])
def test_both_pictures_can_be_saved(page: ImageWayPage, ending: str) -> None:
    assert len(page.way.content(ending)) > 100
    assert len(page.confusion.content(ending)) > 100


def test_a_map_is_drawn_from_its_least_value_to_its_largest() -> None:
    image = grey(np.array([[-2.0, 0.0], [1.0, 2.0]], np.float32))
    assert [QColor(image.pixel(x, y)).red() for y in range(2) for x in range(2)] == [0, 127, 191, 255]
    assert QColor(grey(np.full((3, 5), 7.0)).pixel(4, 2)).red() == 0, "a map of one value is no division by 0"
    colour = picture(np.stack([np.ones((2, 3)), np.zeros((2, 3)), np.full((2, 3), 0.5)]))
    assert QColor(colour.pixel(2, 1)).name() == "#ff007f"


def test_a_thousand_classes_are_drawn_inside_the_picture(page: ImageWayPage) -> None:
    counts = np.zeros((1000, 1000), np.int64)
    counts[3, 5] = 7
    page.confusion.set_counts(counts)
    image = page.confusion._image()
    assert (image.width(), image.height()) == (1000, 1000)
    assert image.pixelColor(5, 3) != image.pixelColor(6, 3)
    left, top, side = page.confusion._grid()
    assert left + 1000 * side <= page.confusion.width()
    assert top + 1000 * side <= page.confusion.height()
    page.confusion.grab()
