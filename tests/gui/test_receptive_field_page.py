"""LESSONS shows the receptive field of any place of a net as a window over an image."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resviz.analysis.receptive_field import net_receptive_field, receptive_fields
from resviz.gui.lessons.receptive_field_page import ReceptiveFieldPage
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from resviz.nets.build import build
from tests.helpers.lesson_pages import open_illustration


@pytest.fixture
def page(window: MainWindow) -> ReceptiveFieldPage:
    return open_illustration(window, "field", ReceptiveFieldPage)


def test_the_window_grows_with_the_layers(page: ReceptiveFieldPage) -> None:
    sizes = []
    for number in range(1, page.layer.maximum() + 1):
        page.layer.setValue(number)
        region = page.picture.region
        sizes.append(region.bottom - region.top + 1)
    assert sizes[0] == 3
    assert sizes == sorted(sizes)
    graph = build(catalogue.find("cifar-resnet20"))
    found = net_receptive_field(graph, receptive_fields(graph))
    assert found is not None
    assert sizes[-1] == found[1].size[0]


def test_a_click_chooses_another_place(page: ReceptiveFieldPage) -> None:
    page.layer.setValue(5)
    before = page.picture.region
    picture = page.picture
    corner = QPoint(picture.width() // 2 - int(min(picture.width(), picture.height()) * 0.34), picture.height() // 2)
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=corner)
    assert picture.region.left < before.left
    assert "column 1," in page.result.text()
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_Right)
    assert "column 1," not in page.result.text()
    picture.grab()


def test_another_net_has_other_layers(page: ReceptiveFieldPage) -> None:
    page.net.button("vgg16").click()
    assert page.layer.maximum() == 18, "13 convolutions and 5 pools"
    page.layer.setValue(18)
    assert "212×212 pixels" in page.result.text()
    page.net.button("alexnet").click()
    assert page.layer.value() == page.layer.maximum() == 8


def test_grow_goes_to_the_last_layer_and_ends(qtbot: QtBot, page: ReceptiveFieldPage) -> None:
    page.net.button("alexnet").click()
    page.layer.setValue(7)
    page.grow.click()
    qtbot.waitUntil(lambda: page.layer.value() == 8, timeout=5000)
    qtbot.waitUntil(lambda: not page.grow.isChecked(), timeout=5000)
