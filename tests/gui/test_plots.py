"""Plots: powers of ten on the axis, names that cover no curve."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from resviz.base.numbers import power_of_ten
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.label_placement import place_name
from resviz.gui.plots.timeline import StepCursor
from resviz.gui.plots.view_panel import ViewPanel
from resviz.gui.plots.views import compare_views
from resviz.gui.style import theme
from resviz.gui.style.widgets import ElidedComboBox


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (-8, "10⁻⁸"),
        (0, "10⁰"),
        (12, "10¹²"),
        (np.log10(0.5), "0.5"),
        (np.log10(2e-9), "2·10⁻⁹"),
        (np.log10(9.7e-9), "10⁻⁸"),
        (np.log10(158), "160"),
    ],
)
def test_a_logarithm_is_written_as_it_is_read_aloud(exponent: float, text: str) -> None:
    assert power_of_ten(exponent) == text


def test_a_name_covers_no_curve_and_stays_inside() -> None:
    x = np.linspace(0, 1, 160)
    lines = [40 + 120 * x, np.full(160, 170.0) + 6 * np.sin(40 * x)]
    taken: list[QRectF] = []
    for index in range(2):
        box = place_name(lines, index, (600, 200), (70, 16), taken)
        assert box is not None
        taken.append(box)
        assert QRectF(0, 0, 600, 200).contains(box)
        columns = slice(int(box.left() / 600 * 159), int(box.right() / 600 * 159) + 1)
        for line in lines:
            assert ((line[columns] < box.top()) | (line[columns] > box.bottom())).all()
    assert not taken[0].intersects(taken[1])


def test_a_name_does_not_cover_what_a_level_line_says(qtbot: QtBot) -> None:
    plot = CurvePlot("step", "loss")
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    plot.set_level(2.3, "guessing")
    x = np.arange(40.0)
    for parted in (10, 20, 28, 34):  # until then the curves cross, and leave no room for a name but at the right
        together = 2.3 + 0.02 * np.sin(2 * x)
        falling = together - 0.015 * np.maximum(x - parted, 0)
        plot.set_curves([Curve("plain", x, together[::-1], "plain"), Curve("ResNet", x, falling, "residual")])
        QApplication.processEvents()
        status_message = plot._level.label.mapRectToScene(plot._level.label.boundingRect())
        for name in plot._names.items:
            assert name.isVisible()
            assert not name.mapRectToScene(name.boundingRect()).intersects(status_message)


def test_a_curve_that_is_nowhere_drawn_has_no_name() -> None:
    assert place_name([np.full(160, np.nan)], 0, (600, 200), (70, 16), []) is None


def test_curves_of_all_kinds_are_drawn_in_both_themes(qtbot: QtBot) -> None:
    plot = CurvePlot("layer", "gradient", log_y=True)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    x = np.arange(1.0, 21.0)
    cases = [
        [],
        [Curve("plain", x, np.full(20, np.nan), "plain")],
        [Curve("plain", x, -0.4 * x, "plain", dots=True), Curve("ResNet", x, 0 * x, "residual", dots=True)],
        [Curve("one", x[:1], x[:1], "plain")],
        [Curve("level", x, 0 * x, "residual")],
    ]
    for curves in cases:
        for colours in (theme.DARK, theme.LIGHT):
            theme.apply(colours)
            plot.set_curves(curves)
            plot.set_note("a note")
            QApplication.processEvents()
            assert not plot.grab().isNull()


def test_an_axis_follows_its_curves(qtbot: QtBot) -> None:
    """Axes are drawn again only where their range changes: then they have to be."""
    plot = CurvePlot("step", "loss")
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    painted = []
    for steps in (2, 30, 80, 400):
        x = np.arange(float(steps))
        plot.set_curves([Curve("net", x, 2.3 + 0.01 * x, "residual")])
        QApplication.processEvents()
        strip = QRect(60, plot.height() - 45, plot.width() - 60, 25)  # the step axis and its numbers
        painted.append(plot.grab(strip).toImage())
    assert all(before != after for before, after in pairwise(painted))


def test_a_shorter_label_stands_in_the_middle_of_its_axis_as_the_longer_one_before(qtbot: QtBot) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(900, 300)
    plot.show()
    for text in ("weight layer, from the input to the output, a long label", "step"):
        plot.set_labels(text, "loss")
        QApplication.processEvents()
        axis = plot.plot.getAxis("bottom")
        label = axis.label.mapRectToItem(axis, axis.label.boundingRect())
        assert abs(label.center().x() - axis.size().width() / 2) < 3


def test_numbers_below_1_stay_what_they_are_whatever_is_labelled_or_coloured_anew(qtbot: QtBot) -> None:
    plot = CurvePlot("step", "share")
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    x = np.arange(1.0, 21.0)
    plot.set_curves([Curve("net", x, 0.9 - 0.01 * x, "residual")])
    for _ in range(2):
        plot.set_labels("step", "another share")
        theme.apply(theme.DARK)
        plot.set_curves([Curve("net", x, 2.3 + 0.01 * x, "residual")])
        plot.set_curves([Curve("net", x, 0.9 - 0.01 * x, "residual")])
        plot.set_labels("step", "share")
        theme.apply(theme.LIGHT)
        QApplication.processEvents()
        axis = plot.plot.getAxis("left")
        (low, high) = plot.plot.viewRange()[1]
        levels = axis.tickValues(low, high, 200)
        shown = [float(t) for step, v in levels for t in axis.tickStrings(v, axis.autoSIPrefixScale * axis.scale, step)]
        assert shown
        assert all(low <= value <= high for value in shown)


@pytest.mark.parametrize("width", range(240, 420, 12))
def test_an_axis_title_fits_after_every_change_of_size(qtbot: QtBot, width: int) -> None:
    """As when a panel is enlarged and put back: what is written is never wider than there is room for it."""
    plot = CurvePlot("weight layer, from the input to the output", "norm of the gradient, per sample")
    qtbot.addWidget(plot)
    plot.show()
    for size in (900, width, 900, width):
        plot.resize(size, 200)
        QApplication.processEvents()
        QApplication.processEvents()
    axis = plot.plot.getAxis("bottom")
    assert axis.label.boundingRect().width() <= axis.width() + 1, axis.labelText


@pytest.mark.parametrize("width", [330, 430, 640])
@pytest.mark.parametrize("narrow", [True, False])
def test_a_panels_title_is_whole_and_its_option_where_there_is_room(qtbot: QtBot, width: int, narrow: bool) -> None:
    panel = ViewPanel("main", compare_views(), narrow=narrow)
    qtbot.addWidget(panel)
    panel.show()
    for view, option in (("heat", "response_gradient"), ("final", "depth"), ("responses", "layer")):
        panel.set_view(view, option)
        panel.resize(width, 200)
        QApplication.processEvents()
        assert panel.chooser.width() == panel.chooser.maximumWidth(), view
        boxes = [box for box in panel.findChildren(QComboBox) if box is not panel.chooser and box.isVisible()]
        if width >= 640:
            assert all(box.width() == box.maximumWidth() for box in boxes), view


@pytest.mark.parametrize("text", ["20 of 20 steps", "showing step 6  ·  20 of 20 steps  ·  4.0 steps/s  ·  finished"])
@pytest.mark.parametrize("width", [460, 560, 650, 900])
def test_the_bar_of_steps_keeps_its_length_whatever_stands_beside_it(qtbot: QtBot, text: str, width: int) -> None:
    cursor = StepCursor()
    qtbot.addWidget(cursor)
    cursor.resize(width, 30)
    cursor.show()
    cursor.set_state(20, 20, 6, False, text)
    QApplication.processEvents()
    assert cursor.timeline.width() >= 120
    assert text in cursor.label.toolTip()
    assert cursor.label.geometry().right() <= width
    assert cursor.minimumSizeHint().width() < 300, "a long text does not keep the window wide"
    cursor.resize(900, 30)
    QApplication.processEvents()
    assert cursor.speed.isVisible()


def test_a_title_without_room_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    title, cut = ElidedComboBox(), ElidedComboBox()
    for box, text in ((title, "Final error"), (cut, "Final…")):
        qtbot.addWidget(box)
        box.addItem(text)

    def look_equal(width: int) -> bool:
        for box in (title, cut):
            box.resize(width, 28)
        return title.grab().toImage() == cut.grab().toImage()

    assert any(look_equal(width) for width in range(60, 140))
    assert not look_equal(300)


def test_shares_are_percentages_at_the_axis_and_at_the_mouse_and_the_next_view_has_its_own_numbers(
    qtbot: QtBot,
) -> None:
    plot = CurvePlot("step", "held-out error")
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    x = np.arange(1.0, 21.0)
    plot.set_log(False, percent=True)
    plot.set_curves([Curve("net", x, 0.02 * x, "residual")])
    axis = plot.plot.getAxis("left")
    assert axis.tickStrings([0.1, 0.25], 1, 0.05) == ["10%", "25%"]
    plot.readout.show_at(5.0)
    assert "net: 10.0%" in plot.readout.text
    plot.set_log(False)
    plot.set_curves([Curve("net", x, 0.02 * x, "residual")])
    assert [float(text) for text in axis.tickStrings([0.1, 0.25], 1, 0.05)] == [0.1, 0.25]
    plot.readout.show_at(5.0)
    assert "%" not in plot.readout.text
