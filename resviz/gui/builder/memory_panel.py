"""What the nets of the table take in memory, at a batch size and a precision, as stacked bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.analysis.counts import exact, short_bytes
from resviz.base.translation import N_, _
from resviz.base.vocabulary import MemoryPrecision, Optimizer
from resviz.gui.style import theme
from resviz.gui.style.widgets import dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.memory import Memory

_PARTS = (("parameters", 3), ("gradients", 2), ("optimizer", 4), ("activations", 0), ("other", 1))
_NAMES = {
    "parameters": N_("parameters"),
    "gradients": N_("gradients"),
    "optimizer": N_("optimizer state"),
    "activations": N_("activations"),
    "other": N_("statistics and copies"),
}
"""What a bar is made of, and the number of its colour."""
_TITLES = {"float32": "float32", "tf32": "tf32", "bfloat16": "bfloat16", "pure-bfloat16": "pure bf16"}
_OPTIMIZERS = {"sgd": "SGD", "nesterov": "Nesterov", "adam": "Adam"}
_ROW, _BAR, _NUMBER, _WORK = 58, 12, 70, 62
NOTE = _(
    "In training the activations are what PyTorch keeps for the backward pass; in inference they "
    "are the largest maps that exist at a time. Library workspaces, rounding by the allocator and "
    "the loss are not counted. Statistics and copies are running means and variances, and autocast's weights in "
    "bfloat16."
)


@dataclass(frozen=True)
class MemoryRow:
    """A net, in training and in inference."""

    net: str
    training: Memory
    inference: Memory


class MemoryBars(QWidget):
    """Two bars a net on one scale for all; a bar's tip has its parts to the byte."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bare")
        self.setAccessibleName(_("memory as bars"))
        self.rows: list[MemoryRow] = []
        theme.changed().connect(self._again)

    def set_rows(self, rows: Sequence[MemoryRow]) -> None:
        """Show the memory of these nets, two bars each."""
        self.rows = list(rows)
        self.setMinimumHeight(_ROW * len(self.rows))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self.rows))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.current()
        most = max((row.training.total for row in self.rows), default=0) or 1
        for index, row in enumerate(self.rows):
            top = index * _ROW
            painter.setPen(QColor(colours.text))
            room = QRectF(0, top, self.width(), 18)
            name = painter.fontMetrics().elidedText(row.net, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            for line, (work, memory) in enumerate(((_("training"), row.training), (_("inference"), row.inference))):
                self._bar(painter, top + 20 + line * (_BAR + 5), work, memory, most)

    def _bar(self, painter: QPainter, top: float, work: str, memory: Memory, most: int) -> None:
        colours = theme.current()
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(colours.dim))
        painter.drawText(QRectF(0, top - 3, _WORK, _BAR + 6), left, work)
        x, room = float(_WORK), self.width() - _WORK - _NUMBER
        for part, stage in _PARTS:
            width = room * getattr(memory, part) / most
            fill, edge = colours.stage_colours(stage)
            painter.fillRect(QRectF(x, top, width, _BAR), QColor(fill))
            painter.setPen(QColor(edge))
            if width > 1:
                painter.drawRect(QRectF(x, top, width, _BAR))
            x += width
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(x + 6, top - 3, _NUMBER, _BAR + 6), left, short_bytes(memory.total))

    @override
    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            index = event.pos().y() // _ROW
            if 0 <= index < len(self.rows):
                QToolTip.showText(event.globalPos(), memory_text(self.rows[index]), self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    @Slot()
    def _again(self) -> None:
        self.update()


def memory_text(row: MemoryRow) -> str:
    """Return the parts of a net's memory, to the byte."""
    lines = [row.net]
    for work, memory in ((_("training"), row.training), (_("inference"), row.inference)):
        lines.append(_("{work}: {amount} bytes").format(work=work, amount=exact(memory.total)))
        lines += [
            f"   {_(_NAMES[part])} {exact(amount)}" for part, _stage in _PARTS if (amount := getattr(memory, part))
        ]
    return "\n".join(lines)


class MemoryPanel(QWidget):
    """Emits when another batch, precision or optimizer is wanted."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.batch = QSpinBox()
        self.batch.setRange(1, 65_536)
        self.batch.setValue(128)
        self.batch.setAccessibleName(_("batch"))
        self.batch.setToolTip(_("Set the number of images in a batch."))
        self.batch.valueChanged.connect(self.changed)
        self.precision = _choices([(key, _TITLES[key]) for key in get_args(MemoryPrecision)], "precision")
        self.optimizer = _choices([(key, _OPTIMIZERS[key]) for key in get_args(Optimizer)], "optimizer")
        self.precision.setToolTip(_("Choose the precision of the numbers."))
        self.optimizer.setToolTip(_("Choose the optimizer, whose state needs memory in training."))
        self.precision.currentIndexChanged.connect(self.changed)
        self.optimizer.currentIndexChanged.connect(self.changed)
        self.bars = MemoryBars()
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(dim(_("batch")))
        for widget in (self.batch, self.precision, self.optimizer):
            row.addWidget(widget)
        row.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.bars)
        self._legend = QLabel()
        self._legend.setWordWrap(True)
        note = dim(NOTE)
        note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self._legend)
        column.addWidget(area, 1)
        column.addWidget(note)
        self._tint()
        theme.changed().connect(self._tint)

    def set_rows(self, rows: Sequence[MemoryRow]) -> None:
        """Show the memory of these nets."""
        self.bars.set_rows(rows)

    @Slot()
    def _tint(self) -> None:
        colours = theme.current()
        # Each name in the fill and the edge of its part of the bars.
        parts = []
        for part, stage in _PARTS:
            fill, edge = colours.stage_colours(stage)
            name = escape(_(_NAMES[part])).replace(" ", "&nbsp;")
            parts.append(f"<span style='background-color:{fill}; color:{edge}'>&nbsp;{name}&nbsp;</span>")
        self._legend.setText("   ".join(parts))


def _choices(values: Sequence[tuple[str, str]], name: str) -> QComboBox:
    box = QComboBox()
    for key, title in values:
        box.addItem(title, key)
    box.setAccessibleName(name)
    box.setMinimumContentsLength(6)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box
