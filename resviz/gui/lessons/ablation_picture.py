"""Errors without each block as bars, beside the whole net's error and that of chance; and paths by their length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.heat_plot import fitted_text
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from resviz.experiments.ablation import AblatedRun

_LEFT, _TOP, _BOTTOM = 70.0, 50.0, 44.0
_ROW = 20
"""Height of the title's row; below it the whole nets are named."""
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LEAST_NAME = 46.0
"""Pixels that the name of a block needs; where there are fewer, only some names are written."""


class _Bars(PaintedPlot):
    """Groups of bars over a share from 0 to 1, a bar for each run."""

    def __init__(self, name: str, axis: str, below: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.runs: list[AblatedRun] = []
        self._axis, self._below = axis, below
        self.setMinimumSize(220, 180)

    def set_runs(self, runs: Sequence[AblatedRun]) -> None:
        """Draw these runs, each in the colour of its kind."""
        self.runs = list(runs)
        self.update()

    def groups(self) -> list[tuple[str, list[float | None]]]:
        """Return each group's name, and the value of each run in it."""
        raise NotImplementedError

    def most(self) -> float:
        """Return the value at the top of the axis."""
        return 1.0

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return a row for each group."""
        rows: list[Sequence[object]] = [("", *(run.name for run in self.runs))]
        return rows + [
            (name, *("" if value is None else f"{value:.6g}" for value in values)) for name, values in self.groups()
        ]

    @override
    def reading(self, place: QPointF) -> str:
        """Return the values of the group at a place."""
        groups = self.groups()
        number = int((place.x() - _LEFT) // self._pitch(len(groups))) if groups and place.x() >= _LEFT else -1
        if not 0 <= number < len(groups):
            return ""
        name, values = groups[number]
        said = (f"{run.name}: {value:.2%}" for run, value in zip(self.runs, values, strict=True) if value is not None)
        return "\n".join([name, *said])

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw the axis, the bars, and a name below each group for which there is room."""
        colours, groups = theme.of(self), self.groups()
        floor, most = self.height() - _BOTTOM, self.most()
        painter.setPen(QColor(colours.dim))
        _draw_fitted(painter, QRectF(4, 2, self.width() - 8, _ROW), Qt.AlignmentFlag.AlignLeft, self._axis)
        below = QRectF(_LEFT, self.height() - 20, self.width() - _LEFT, 18)
        _draw_fitted(painter, below, _CENTRE, self._below)
        for tick in _TICKS:
            y = self._y(tick * most, most)
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(_LEFT, y), QPointF(self.width() - 4, y))
            painter.setPen(QColor(colours.dim))
            painter.drawText(QRectF(0, y - 9, _LEFT - 6, 18), _RIGHT, f"{tick * most:.0%}")
        if not groups:
            return
        pitch = self._pitch(len(groups))
        every = max(1, -(-int(_LEAST_NAME) // max(1, int(pitch))))
        wide = min(26.0, pitch * 0.8 / max(1, len(self.runs)))
        for number, (name, values) in enumerate(groups):
            middle = _LEFT + (number + 0.5) * pitch
            for index, (run, value) in enumerate(zip(self.runs, values, strict=True)):
                x = middle + (index - len(self.runs) / 2) * wide
                if value is None:
                    painter.setPen(QColor(colours.dim))
                    painter.drawText(QRectF(x, floor - 18, wide, 18), _CENTRE, "—")
                    continue
                painter.fillRect(
                    QRectF(x, self._y(value, most), max(1.0, wide - 2), floor - self._y(value, most)),
                    QColor(self.colour(index, run)),
                )
            if number % every == 0:
                painter.setPen(QColor(colours.text))
                painter.drawText(QRectF(middle - pitch * every / 2, floor + 3, pitch * every, 18), _CENTRE, name)
        self._lines(painter)

    def colour(self, index: int, run: AblatedRun) -> str:
        """Return a run's colour. Runs of one kind differ by their place."""
        before = sum(other.unit == run.unit for other in self.runs[:index])
        return theme.of(self).net_colour(run.unit, before)

    def _lines(self, painter: QPainter) -> None:
        """Draw what the bars are held against."""

    def _pitch(self, count: int) -> float:
        return (self.width() - _LEFT - 6) / max(1, count)

    def _y(self, value: float, most: float) -> float:
        return self.height() - _BOTTOM - min(1.0, value / most) * (self.height() - _BOTTOM - _TOP)


_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BlockErrors(_Bars):
    """The held-out error without each block."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _("error without each block"),
            _("held-out error without one block"),
            _("the block that x passes by"),
            parent,
        )

    @override
    def groups(self) -> list[tuple[str, list[float | None]]]:
        """Return the blocks of all runs, those of the first run first."""
        names = list(dict.fromkeys(block.block for run in self.runs for block in run.blocks))
        found = [{block.block: block.skipped for block in run.blocks} for run in self.runs]
        return [(name.removeprefix("layer"), [errors.get(name) for errors in found]) for name in names]

    @override
    def _lines(self, painter: QPainter) -> None:
        """Draw the error of each whole net, and that of chance."""
        colours = theme.of(self)
        levels = [(run.error, self.colour(index, run), run.name) for index, run in enumerate(self.runs)]
        levels += [(chance, colours.dim, _("chance")) for chance in dict.fromkeys(run.chance for run in self.runs)]
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        right = self.width() - 6.0
        for index, (value, colour, text) in enumerate(levels):
            y = self._y(value, 1.0)
            pen = QPen(QColor(colour), 1.6)
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(_LEFT, y), QPointF(self.width() - 4, y))
            if index >= len(self.runs):
                said, area = text, QRectF(0, y - 9, _LEFT - 6, 18)
            else:
                said = _("whole {net}: {error}").format(net=text, error=f"{value:.1%}")
                area = QRectF(_LEFT, _ROW + 4, right - _LEFT, 18)
                right -= painter.fontMetrics().horizontalAdvance(said) + 18
            painter.fillRect(_behind(painter, area, said), QColor(colours.panel))
            painter.drawText(area, _RIGHT, said)


class PathShares(_Bars):
    """The share of the gradient that all paths of a length carry."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _("gradient by the length of its path"),
            _("share of the whole gradient"),
            _("functions F on the path"),
            parent,
        )

    @override
    def groups(self) -> list[tuple[str, list[float | None]]]:
        """Return the lengths of the run with the longest paths."""
        longest = max((len(run.paths) for run in self.runs), default=0)
        found = []
        for run in self.runs:
            total = sum(path.share for path in run.paths) or 1.0
            found.append([path.share / total for path in run.paths])
        return [
            (str(length), [shares[length] if length < len(shares) else None for shares in found])
            for length in range(longest)
        ]

    @override
    def most(self) -> float:
        """Return a round number above the largest share."""
        largest = max((value or 0.0 for _name, values in self.groups() for value in values), default=1.0)
        return next((top for top in (0.1, 0.2, 0.4, 0.6) if largest <= top), 1.0)


def _behind(painter: QPainter, area: QRectF, text: str) -> QRectF:
    wide = painter.fontMetrics().horizontalAdvance(text) + 4.0
    return QRectF(area.right() - wide, area.y(), wide + 2, area.height())


def _draw_fitted(painter: QPainter, place: QRectF, alignment: Qt.AlignmentFlag, text: str) -> None:
    """Write a title in one line, smaller or with … where there is too little room."""
    font = painter.font()
    fitted, points = fitted_text(text, font, place.width())
    smaller = QFont(font)
    smaller.setPointSizeF(points)
    painter.setFont(smaller)
    painter.drawText(place, alignment, fitted)
    painter.setFont(font)
