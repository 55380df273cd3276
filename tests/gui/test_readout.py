"""Numbers can be read off every plot: under the mouse, by the same line in all panels, and copied."""

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from resviz.base.numbers import format_digits
from resviz.gui.plots.curve_plot import CurvePlot
from tests.helpers.mouse import move_mouse, turn_wheel
from tests.helpers.played_worker import FALLING, LEVEL, Played, click, controller_of


def point_at(plot: CurvePlot, x: float) -> QPoint:
    """Move the mouse to an x, in the middle of the height."""
    low, high = plot.plot.viewRange()[1]
    return move(plot.plot, x, (low + high) / 2)


def move(plot: pg.PlotWidget, x: float, y: float) -> QPoint:
    """Move the mouse to a place of the data."""
    scene = plot.getPlotItem().getViewBox().mapViewToScene(QPointF(x, y))
    place = plot.mapFromScene(scene)
    move_mouse(plot.viewport(), QPointF(place))
    return place


@pytest.fixture
def measured(qtbot: QtBot, played: Played) -> Played:
    view, runner = played
    click(view.main)
    runner.begin()
    for step in range(1, 5):
        runner.measure(step, [FALLING, LEVEL], loss=2.0 + step)
    qtbot.waitUntil(lambda: len(view.panels["training"].curves.curves) >= 2)
    qtbot.waitUntil(lambda: controller_of(view).training_state.measured == 4)
    runner.end("finished")
    return played


def test_the_mouse_shows_layer_and_value_of_each_curve(measured: Played) -> None:
    view, _runner = measured
    plot = view.panels["main"].curves
    point_at(plot, 3.2)
    assert plot.readout.text.splitlines() == [
        "weight layer 3",
        f"plain-20 (layer1.0.conv2): {format_digits(FALLING[2])}",
        "ResNet-20 (layer1.0.conv2): 0.1",
    ]
    QApplication.sendEvent(plot.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert plot.readout.text == ""


def test_plots_over_steps_show_the_step(measured: Played) -> None:
    view, _runner = measured
    plot = view.panels["training"].curves
    point_at(plot, 2.1)
    assert plot.readout.text.splitlines() == ["step 2", "plain-20: 5", "ResNet-20: 5"]


def test_panels_over_layers_share_the_line_and_others_do_not(measured: Played) -> None:
    view, _runner = measured
    point_at(view.panels["main"].curves, 7)
    assert view.panels["second"].curves.readout.place == 7
    assert view.panels["training"].curves.readout.place is None


def test_the_wheel_zooms_a_plot_over_layers_and_a_double_click_shows_all(measured: Played, qtbot: QtBot) -> None:
    view, _runner = measured
    plot = view.panels["main"].curves
    before = plot.plot.viewRange()[0]
    place = point_at(plot, 10)
    turn_wheel(plot.plot.viewport(), QPointF(place), 3)
    low, high = plot.plot.viewRange()[0]
    assert high - low < 0.7 * (before[1] - before[0])
    controller_of(view).display.draw()
    assert plot.plot.viewRange()[0] == pytest.approx([low, high]), "drawn again, it stays"
    qtbot.mouseDClick(plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert plot.plot.viewRange()[0] == pytest.approx(before)


def test_a_right_click_offers_to_copy_numbers_and_picture(measured: Played, qtbot: QtBot) -> None:
    view, _runner = measured
    panel = view.panels["main"]
    qtbot.mouseClick(panel.curves.plot.viewport(), Qt.MouseButton.RightButton)
    menu = next(menu for menu in panel.findChildren(QMenu) if menu.isVisible())
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Save figure…", "Copy picture", "Copy numbers", "Enlarge"]
    menu.close()
    panel.copy_numbers()
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0] == "curve\tx\ty"
    assert len(lines) == 1 + 40
    panel.copy_picture()
    assert QApplication.clipboard().pixmap().width() > 100


def test_values_over_steps_get_a_logarithmic_axis_from_the_menu(measured: Played, qtbot: QtBot) -> None:
    view, _runner = measured
    panel = view.panels["training"]
    assert not panel.curves.is_log
    panel.log_wanted.emit(True)
    qtbot.waitUntil(lambda: panel.curves.is_log)
    panel.log_wanted.emit(False)
    qtbot.waitUntil(lambda: not panel.curves.is_log)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (2.314e-9, "2.31·10⁻⁹"), (0.18412, "0.184"), (12345.6, "12346"), (-1.5e7, "−1.50·10⁷")],
)
def test_numbers_are_read_with_three_digits(value: float, text: str) -> None:
    assert format_digits(value) == text


def test_a_heat_map_shows_step_layer_and_value_under_the_mouse(measured: Played) -> None:
    view, _runner = measured
    panel = view.panels["main"]
    panel.view_chosen.emit("heat")
    panel.option_chosen.emit("response_gradient")
    place = panel.heat.findChildren(pg.PlotWidget)[0]
    readout, second = panel.heat.readouts
    move(place, 2, 3)
    assert readout.text.splitlines() == ["step 2 · weight layer 3 (layer1.0.conv2)", format_digits(FALLING[2])]
    assert second.text == ""
    move(place, 2, 30)
    assert readout.text == "", "there is no layer 30"


def test_a_heat_map_shares_the_line_with_curves_over_steps(measured: Played) -> None:
    view, _runner = measured
    view.panels["main"].view_chosen.emit("heat")
    move(view.panels["main"].heat.findChildren(pg.PlotWidget)[0], 3.1, 2)
    assert view.panels["training"].curves.readout.place == 3
