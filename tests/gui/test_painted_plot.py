"""The pictures of LESSONS and CLAIMS can be read, zoomed, copied and saved as the other plots can."""

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from resviz.analysis.claims.accuracy import accuracy_points
from resviz.analysis.illustrations import BatchNorm, Chain
from resviz.gui.claims.accuracy_scatter import Scatter
from resviz.gui.files import dialogs
from resviz.gui.lessons.batch_norm_page import Dots
from resviz.gui.lessons.fc_conv_page import Reading
from resviz.gui.lessons.gradient_chain_page import Factors
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.plots.sum_bars import Bar, SumBars
from tests.helpers.mouse import move_mouse, turn_wheel

VALUES = (0.4, 1.9, -0.7)


def scatter() -> Scatter:
    plot = Scatter()
    plot.set_points(accuracy_points())
    return plot


def bars() -> SumBars:
    plot = SumBars("weights")
    plot.set_bars([Bar("convolution", 81, "3 · 3 = 81 weights")])
    return plot


def factors() -> Factors:
    plot = Factors()
    plot.set_chain(Chain(1.0, (0.5, -1.2)))
    return plot


def dots() -> Dots:
    plot = Dots()
    plot.set_norm(BatchNorm(VALUES, 2.0, 1.0))
    return plot


PLOTS = {"scatter": scatter, "bars": bars, "factors": factors, "dots": dots, "reading": Reading}


@pytest.fixture(params=PLOTS)
def plot(request: pytest.FixtureRequest, qtbot: QtBot) -> PaintedPlot:
    made: PaintedPlot = PLOTS[request.param]()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def test_the_wheel_zooms_at_the_mouse_and_a_double_click_shows_all(plot: PaintedPlot, qtbot: QtBot) -> None:
    at = QPointF(plot.width() * 0.3, plot.height() * 0.6)
    turn_wheel(plot, at, 4)
    assert plot.zoom > 2
    assert plot.place_at(at).x() == pytest.approx(at.x()), "what is under the mouse stays there"
    turn_wheel(plot, at, -30)
    assert plot.zoom == 1
    assert plot.place_at(QPointF(0, 0)) == QPointF(0, 0)
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.zoom > 1
    qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton)
    assert plot.zoom == 1


def test_a_drag_moves_what_is_zoomed_but_never_past_its_edge(plot: PaintedPlot, qtbot: QtBot) -> None:
    centre = QPointF(plot.rect().center())
    plot.zoom_by(4, centre)
    before = plot.place_at(centre)
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=centre.toPoint())
    move_mouse(plot, centre + QPointF(20, 10), Qt.MouseButton.LeftButton)
    assert plot.place_at(centre).x() == pytest.approx(before.x() - 5)
    move_mouse(plot, centre + QPointF(99_999, 99_999), Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=centre.toPoint())
    assert plot.place_at(QPointF(0, 0)) == QPointF(0, 0)


def test_it_is_saved_as_picture_and_numbers(plot: PaintedPlot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ending in ("svg", "png", "pdf"):
        path = tmp_path / f"figure.{ending}"
        monkeypatch.setattr(dialogs, "ask_where", lambda *_args, path=path: path)
        plot.save()
        assert len(path.read_bytes()) > 500
    assert plot.accessibleName() in (tmp_path / "figure.svg").read_text()
    rows = list(csv.reader(io.StringIO(plot.content("csv").decode())))
    assert rows == [[str(value) for value in row] for row in plot.numbers()]


def test_a_right_click_offers_what_can_be_done(plot: PaintedPlot, qtbot: QtBot) -> None:
    place = plot.rect().center()
    QApplication.sendEvent(plot, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, plot.mapToGlobal(place)))
    (menu,) = plot.findChildren(QMenu)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[:2] == ["Save figure…", "Copy picture"]
    assert ("Copy numbers" in texts) == bool(plot.numbers())
    menu.close()


def test_what_is_under_the_mouse_is_read_also_when_zoomed(qtbot: QtBot) -> None:
    plot = scatter()
    qtbot.addWidget(plot)
    plot.resize(900, 500)
    vgg = next(point for point in accuracy_points() if point.name == "VGG-16")
    place = plot.place(vgg)
    assert plot.reading(place).startswith("VGG-16: ")
    plot.zoom_by(3, place)
    assert plot.reading(plot.place_at(place)).startswith("VGG-16: ")
    assert plot.reading(QPointF(1, 1)) == ""


def test_each_bar_dot_and_factor_is_read(qtbot: QtBot) -> None:
    of_bars, of_dots, of_factors = bars(), dots(), factors()
    for plot in (of_bars, of_dots, of_factors):
        qtbot.addWidget(plot)
        plot.resize(900, 500)
    assert of_bars.reading(QPointF(300, 12)) == "convolution: 3 · 3 = 81 weights"
    assert of_bars.reading(QPointF(300, 400)) == ""
    assert of_dots.reading(of_dots.place(0, VALUES[1])) == "sample 2: x 1.9000"
    assert of_factors.reading(QPointF(200, 100)).splitlines()[0].startswith("∂L/∂y2 = ")
    last = of_factors.reading(QPointF(880, 100)).splitlines()[1]
    assert float(last.rsplit(" ", 1)[1]) == pytest.approx(Chain(1.0, (0.5, -1.2)).gradient, rel=1e-5)


def test_copied_numbers_are_a_table(qtbot: QtBot) -> None:
    plot = bars()
    qtbot.addWidget(plot)
    plot.copy_numbers()
    assert QApplication.clipboard().text() == "name\tvalue\tsum\nconvolution\t81\t3 · 3 = 81 weights\n"
