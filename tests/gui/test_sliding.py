"""The window slides by hand, by keys and by itself, and its sum is written out."""

import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resviz.gui.lessons.mixing_page import MixingPage
from resviz.gui.lessons.sliding_page import SlidingPage
from resviz.gui.main_window import MainWindow
from tests.helpers.lesson_pages import open_illustration


@pytest.fixture
def page(window: MainWindow) -> SlidingPage:
    return open_illustration(window, "sliding", SlidingPage)


def test_a_click_and_the_arrow_keys_choose_an_output_and_its_sum_is_written_out(page: SlidingPage) -> None:
    picture = page.picture
    picture.grab()
    area, side = picture._area(2), picture._side(2)
    QTest.mouseClick(
        picture, Qt.MouseButton.LeftButton, pos=QPointF(area.x() + 2.5 * side, area.y() + 1.5 * side).toPoint()
    )
    assert picture.place == (1, 2)
    sliding = page.sliding
    assert f"row 2, column 3: {sliding.written(1, 2)} = {sliding.output(1, 2):.4g}" in page.result.text()
    QTest.keyClick(picture, Qt.Key.Key_Right)
    QTest.keyClick(picture, Qt.Key.Key_Down)
    assert picture.place == (2, 3)
    QTest.keyClick(picture, Qt.Key.Key_Up)
    QTest.keyClick(picture, Qt.Key.Key_Left)
    assert picture.place == (1, 2)
    assert "row 2, column 3" in page.result.text()


def test_stride_and_padding_change_the_output_and_the_choice_stays_inside(page: SlidingPage) -> None:
    page.picture.place = (7, 7)
    page.refresh()
    assert "8×8" in page.compared.text()
    page.stride.setValue(3)
    page.padding.setValue(0)
    assert "2×2" in page.compared.text()
    assert page.picture.place == (1, 1)
    page.operation.button("max pool").click()
    assert not page.kernel.isEnabled()
    assert not page.padding.isEnabled()
    assert "max(" in page.result.text()
    page.shift.setValue(1)
    assert "outputs are the same" in page.compared.text()
    assert len(page.picture.numbers()) == page.sliding.size


def test_it_slides_by_itself_until_it_is_stopped(qtbot: QtBot, page: SlidingPage) -> None:
    page.slide.click()
    qtbot.waitUntil(lambda: page.picture.place == (0, 2), timeout=5_000)
    page.slide.click()
    qtbot.wait(500)
    assert page.picture.place == (0, 2)


def test_every_operation_and_kernel_is_drawn_and_read(page: SlidingPage) -> None:
    for name in ("average pool", "max pool", "convolution"):
        page.operation.button(name).click()
        for index in range(page.kernel.count()):
            page.kernel.setCurrentIndex(index)
            page.picture.grab()
    picture = page.picture
    places = [QPointF(x, y) for x in range(0, picture.width(), 15) for y in range(0, picture.height(), 15)]
    said = {picture.reading(place) for place in places}
    assert any(text.startswith("pixel") for text in said)
    assert any(text.startswith("output") for text in said)


def test_a_1x1_convolution_mixes_the_channels_as_torch_does(window: MainWindow) -> None:
    page = open_illustration(window, "mixing", MixingPage)
    for box, value in zip(page.weights, (1.5, -0.5, 2.0), strict=True):
        box.setValue(value)
    weight = torch.tensor([1.5, -0.5, 2.0], dtype=torch.float64).reshape(1, 3, 1, 1)
    expected = torch.nn.functional.conv2d(torch.from_numpy(page.channels)[None], weight)[0, 0]
    assert page.output == pytest.approx(expected.numpy())
    QTest.keyClick(page.picture, Qt.Key.Key_Down)
    assert page.picture.place == (4, 3)
    assert f"= {page.output[4, 3]:.4g}" in page.result.text()
    assert "2048 weights, a 3×3 convolution 18432" in page.result.text()
    area = page.picture._area(3)
    QTest.mouseClick(page.picture, Qt.MouseButton.LeftButton, pos=area.topLeft().toPoint() + QPoint(3, 3))
    assert page.picture.place == (0, 0)
    assert page.picture.reading(area.center())
    page.picture.grab()
