"""The building block, drawn in LESSONS, and in TRAIN with the gradients of the step."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from resviz.gui.graph.layout import OPERATIONS, lay_out
from resviz.gui.lessons.block_page import BlockPage
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.block_picture import BlockPane, BlockPicture
from resviz.gui.plots.views import VIEWS
from tests.helpers.played_worker import FALLING, LEVEL, Played, click, controller_of


@pytest.fixture
def page(window: MainWindow) -> BlockPage:
    window.open("lessons")
    lessons = window.open_lessons()
    lessons.chips.button("block").click()
    found = lessons.pages["block"]
    assert isinstance(found, BlockPage)
    window.show()
    found.picture.grab()
    return found


def titles(picture: BlockPicture) -> list[str]:
    return [block.title for block in picture.blocks]


def marks(picture: BlockPicture, block: int) -> list[str]:
    return [mark.text for mark in picture.blocks[block].layout.marks]


def choose(page: BlockPage, place: int, kind: str) -> None:
    box = page.choices[place]
    box.setCurrentIndex(box.findData(kind))
    page.picture.grab()


def test_three_units_stand_side_by_side(page: BlockPage) -> None:
    assert titles(page.picture) == ["plain", "residual (basic), option A", "pre-activation, option A"]
    assert "+" not in marks(page.picture, 0)
    assert marks(page.picture, 1).index("+") == 5
    assert marks(page.picture, 2)[:2] == ["batch norm", "ReLU"]


def test_every_unit_can_be_drawn_at_every_place(page: BlockPage) -> None:
    for place, box in enumerate(page.choices):
        for index in range(box.count()):
            box.setCurrentIndex(index)
            page.place.button("grow" if index % 2 else "same").click()
            page.picture.grab()
            assert page.picture.numbers()[1:] or place > 0
    choose(page, 1, "")
    assert len(page.picture.blocks) < 3, "a place can be left empty"


def test_options_and_dimensions_change_the_shortcut(page: BlockPage) -> None:
    page.place.button("grow").click()
    assert "zeros added, /2" in marks(page.picture, 1)
    page.shortcut.button("B").click()
    assert titles(page.picture)[1] == "residual (basic), option B"
    assert "1×1 conv, 128, /2" in marks(page.picture, 1)
    page.place.button("same").click()
    assert "1×1 conv, 128, /2" not in marks(page.picture, 1)


def test_the_mouse_reads_what_a_mark_holds(page: BlockPage) -> None:
    picture = page.picture
    picture.grab()
    places = product(range(0, picture.width(), 7), range(0, picture.height(), 7))
    found = {picture.reading(QPointF(x, y)) for x, y in places}
    assert any("36 864 parameters · 64×56×56" in text for text in found)
    assert any("layer1.1.bn2: batch norm" in text for text in found)
    assert "" in found


@pytest.mark.parametrize("ending", ["svg", "png", "csv"])
def test_a_block_is_saved_as_a_picture_and_as_a_table(page: BlockPage, ending: str) -> None:
    content = page.picture.content(ending)
    assert len(content) > 500
    if ending == "csv":
        assert b"residual (basic), option A" in content


def test_train_draws_the_gradient_of_the_step_through_the_arrows(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    display = controller_of(view).display
    display.choose_view("main", "block")
    pane = view.panels["main"].surface(BlockPane)
    qtbot.waitUntil(lambda: len(pane.picture.blocks) == 2)
    assert not any(block.values for block in pane.picture.blocks), "drawn before anything is measured"
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: all(block.values for block in pane.picture.blocks))
    plain, residual = pane.picture.blocks
    assert plain.title.startswith("plain-20, layer")
    layers = [gradient.place for gradient in plain.values]
    assert layers == [f"{plain.layout.name}.conv{number}" for number in (1, 2)]
    stage, block = map(int, plain.layout.name.removeprefix("layer").split("."))
    first = 1 + 6 * (stage - 1) + 2 * block
    assert list(plain.values.values()) == pytest.approx([FALLING[first], FALLING[first + 1]], rel=1e-5)
    assert {gradient.term for gradient in residual.values} >= {"response"}
    assert "step 0" in pane.note_text
    assert any(f"{plain.layout.name}.conv1" in str(row) for row in VIEWS["block"].numbers(pane))
    for option, name in (("first", "layer1.0"), ("last", "layer3.2")):
        display.choose_option("main", option)
        assert [block.layout.name for block in pane.picture.blocks] == [name, name]
    runner.end("finished")


def test_a_larger_gradient_is_a_wider_arrow(page: BlockPage) -> None:
    picture = page.picture
    block = picture.blocks[0]
    gradients = [arrow.gradient for arrow in block.layout.arrows if arrow.gradient]

    def inked(value: float) -> int:
        picture.set_blocks([replace(block, values={gradients[0]: value})], -8.0, 0.0)
        image = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[..., 2::-1]
        colour = np.array([int(block.colour[i : i + 2], 16) for i in (1, 3, 5)])
        return int((np.abs(pixels.astype(int) - colour).sum(-1) < 12).sum())

    assert inked(1e-8) < inked(1e-4) < inked(1.0)


def test_build_draws_all_operations_of_a_net(window: MainWindow) -> None:
    build = window.build
    build.graph.choose_fold("layer")
    layers = len(build.view.graph.boxes)
    build.graph.choose_fold(OPERATIONS)
    labels = [item.box.label for item in build.view.graph.boxes]
    assert len(labels) > 2 * layers
    assert labels.count("+") == 16
    assert labels.count("batch norm") == 33
    picture = lay_out(window.build.state.open_net.graph, operations=True)
    assert len(picture.arcs) == 16
    assert all(picture.boxes[arc.end + 1].label == "+" for arc in picture.arcs), "it ends where the sum begins"
