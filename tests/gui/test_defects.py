"""Small things that were wrong once, each as a person met it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from resviz.gui.builder.memory_panel import MemoryPanel
from resviz.gui.graph.graph_file import _wrapped
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.views import VIEWS
from resviz.gui.style import theme
from tests.helpers.played_worker import Played, click, controller_of


def test_the_memory_legend_has_the_colours_of_the_bars(qtbot: QtBot) -> None:
    panel = MemoryPanel()
    qtbot.addWidget(panel)
    for stage in (3, 2, 4, 0):
        fill, edge = theme.current().stage_colours(stage)
        assert f"background-color:{fill}; color:{edge}" in panel._legend.text()


def test_differences_say_what_the_sign_means_and_what_differs_most(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    view.show_tab("differences")
    window.build.state.select_cell(1, None)
    titles = [view.differences.others.itemText(index) for index in range(view.differences.others.count())]
    view.differences.others.setCurrentIndex(titles.index("ResNet-50"))
    view.differences.others.activated.emit(titles.index("ResNet-50"))
    window.build.state.compare(by="kind", quantity="flops")
    assert "+ means that ResNet-50 has more" in view.differences.names.text()
    assert view.differences.note.text().startswith("ResNet-50: ")
    assert "less" in view.differences.note.text()
    assert "more" in view.differences.note.text()


def test_the_overview_covers_no_box(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("cifar")
    window.build.state.select_cell(3, None)
    QApplication.processEvents()
    graph = window.build.view.graph
    minimap = graph.minimap
    assert minimap is not None
    assert minimap.isVisible()
    area = minimap.geometry().translated(-graph.viewport().pos())
    assert not [item for item in graph.items(area) if item in graph.boxes]


def test_a_long_caption_takes_several_lines(qtbot: QtBot) -> None:
    text = "A caption that is much too long for the narrow picture of a plain net stands in several lines."
    lines = _wrapped(text, 8, 200)
    assert len(lines) > 1
    assert " ".join(lines) == text


def test_axis_titles_are_whole_after_a_panel_was_enlarged_and_put_back(qtbot: QtBot, played: Played) -> None:
    view, _runner = played
    before = {place: panel.curves._fitted for place, panel in view.panels.items()}
    for panel in view.panels.values():
        click(panel.larger)
        QApplication.processEvents()
        click(panel.larger)
        QApplication.processEvents()
    assert {place: panel.curves._fitted for place, panel in view.panels.items()} == before


@pytest.mark.parametrize("name", list(VIEWS))
def test_an_empty_panel_has_its_own_axes(qtbot: QtBot, played: Played, name: str) -> None:
    view, _runner = played
    if name not in [view.panels["second"].chooser.itemData(i) for i in range(view.panels["second"].chooser.count())]:
        pytest.skip("a view of COMPARE")
    display = controller_of(view).display
    display.choose_view("second", "loss")
    display.choose_view("second", name)
    panel = view.panels["second"]
    quantity = VIEWS[name].quantity(display.option("second"))
    if quantity is not None and panel.content is panel._surfaces.get(type(panel.curves)):
        assert "cross-entropy" not in panel.curves._labels[1]


def test_a_problem_in_train_does_not_move_the_plots(qtbot: QtBot, played: Played) -> None:
    view, _runner = played
    QApplication.processEvents()
    before = view.panels["main"].mapTo(view, QPoint(0, 0)), view.panels["main"].height()
    view.set_problem("Something is wrong. Do something else.")
    QApplication.processEvents()
    after = view.panels["main"].mapTo(view, QPoint(0, 0)), view.panels["main"].height()
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 8
    assert view.problem.isVisible()


def test_a_message_and_the_line_about_the_net_are_not_written_over_each_other(window: MainWindow) -> None:
    window.open("train")
    window.say("A message.")
    window.open("build")
    assert window.statusBar().currentMessage() == ""
    assert window._status["build"].isVisible()
    assert not window._status["train"].isVisible()


def test_0_over_the_picture_fits_it_and_types_nothing(qtbot: QtBot, window: MainWindow) -> None:
    graph = window.build.view.graph
    before = window.build.state.open_net.spec
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=graph.box_centre("layer1.0.conv1").toPoint())
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, Qt.Key.Key_0)
    assert window.build.state.open_net.spec == before
    assert not window.build.state.drafts


def test_escape_puts_an_enlarged_panel_back(qtbot: QtBot, played: Played) -> None:
    view, _runner = played
    panel = view.panels["main"]
    click(panel.larger)
    assert not view.panels["second"].isVisible()
    qtbot.keyClick(panel.larger, Qt.Key.Key_Escape)
    assert view.panels["second"].isVisible()
    assert not panel.larger.isChecked()


@pytest.mark.parametrize("page", ["build", "train", "compare", "lessons", "claims"])
def test_whatever_takes_the_keyboard_has_a_name(window: MainWindow, page: str) -> None:
    window.open(page)
    QApplication.processEvents()

    def name(widget: QWidget) -> str:
        """What a screen reader says; the inner parts of a number box or a plot are read with what they are in."""
        inside = widget.parentWidget()
        own = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        return own or (inside.accessibleName() if isinstance(inside, QAbstractSpinBox | QAbstractScrollArea) else "")

    nameless = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QScrollArea)
        and not name(widget)
        and not (isinstance(widget, QToolButton) and widget.defaultAction() is not None)
    ]
    assert not nameless
