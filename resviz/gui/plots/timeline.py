"""TRAIN's one step cursor: how far the run is, which step every view shows, and playing it back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QSpinBox, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.scaled_width import fix_width
from resviz.gui.style.widgets import ElidedLabel

_GROOVE, _HANDLE = 6.0, 7.0
_SPACE = 8
_FRAME_MS = 40
_PAGE = 10
_BAR = 120
"""Length that the bar keeps, whatever stands beside it."""


class Timeline(QWidget):
    """A bar from step 0 to the last step, filled as far as was measured, with a handle at the visible step.

    Drag, click, arrow keys, Page Up and Down, Home and End move the handle. `moved` tells the new step.
    """

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured, self._steps, self._at = 0, 1, 0
        self._busy = False
        self._live = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("step")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_state(self, measured: int, steps: int, at: int, live: bool, busy: bool = False) -> None:
        """Show `measured` of `steps` steps, with the handle at `at`. `busy` means that the duration is not known."""
        state = (measured, max(1, steps), at, live, busy)
        if state != (self._measured, self._steps, self._at, self._live, self._busy):
            self._measured, self._steps, self._at, self._live, self._busy = state
            self.setToolTip(
                _("Step {step} of {count}. Drag, or use the arrow keys, to see an earlier step.").format(
                    step=at, count=steps
                )
                if measured
                else ""
            )
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(theme.scaled(_BAR), 20)

    def step_at(self, x: float) -> int:
        """Return the measured step nearest to a place."""
        share = (x - _HANDLE) / max(1.0, self.width() - 2 * _HANDLE)
        return int(min(max(0, round(share * self._last)), max(0, self._measured - 1)))

    def position(self, step: int) -> float:
        """Return the position of a step in pixels."""
        return _HANDLE + step / self._last * (self.width() - 2 * _HANDLE)

    @property
    def _last(self) -> int:
        return max(1, self._steps - 1)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(_HANDLE, (self.height() - _GROOVE) / 2, self.width() - 2 * _HANDLE, _GROOVE)
        painter.setBrush(QColor(colours.accent_soft if self._busy else colours.line))
        painter.drawRoundedRect(groove, 3, 3)
        if not self._measured:
            return
        filled = QRectF(groove)
        filled.setRight(self.position(self._measured - 1))
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(filled, 3, 3)
        painter.setBrush(QColor(colours.accent if self._live else colours.panel))
        painter.setPen(QColor(colours.accent if not self.hasFocus() else colours.text))
        painter.drawEllipse(QPointF(self.position(self._at), self.height() / 2), _HANDLE - 1, _HANDLE - 1)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._drag(event)

    def _drag(self, event: QMouseEvent) -> None:
        if self._measured and event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.step_at(event.position().x()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_Left: self._at - 1,
            Qt.Key.Key_Right: self._at + 1,
            Qt.Key.Key_PageDown: self._at + _PAGE,
            Qt.Key.Key_PageUp: self._at - _PAGE,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._measured - 1,
        }
        step = ways.get(Qt.Key(event.key()))
        if step is None or not self._measured:
            super().keyPressEvent(event)
            return
        self.moved.emit(min(max(step, 0), self._measured - 1))

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()


class StepCursor(QWidget):
    """The timeline with its buttons. `chosen` is a step, or -1 for the newest step."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured, self._at = 0, 0
        self._behind = 0.0
        self.timeline = Timeline()
        self.timeline.moved.connect(self._moved)
        self.play = QPushButton(_("▶ Replay"))
        self.play.setObjectName("chip")
        self.play.setCheckable(True)
        self.play.setToolTip(_("Replay the steps from the first one."))
        self.play.toggled.connect(self._play_toggled)
        self.speed = QSpinBox()
        self.speed.setRange(1, 2000)
        self.speed.setValue(10)
        self.speed.setSuffix(" steps/s")
        self.speed.setAccessibleName(_("steps per second"))
        self.speed.setToolTip(_("Choose how many steps per second the replay shows."))
        fix_width(self.speed, 104)
        self.speed.lineEdit().setTextMargins(4, 0, 0, 0)
        self.live = QPushButton(_("Newest"))
        self.live.setObjectName("chip")
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live.setToolTip(_("Show the newest step and follow the training."))
        self.live.clicked.connect(self._go_live)
        self.label = ElidedLabel()
        self.label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.label.setMinimumWidth(1)  # or a long text would keep the window wide
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._play_on)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACE)
        for widget in (self.play, self.speed):
            row.addWidget(widget)
        row.addWidget(self.timeline, 1)
        row.addWidget(self.live)
        row.addWidget(self.label)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_room()

    def _leave_room(self) -> None:
        """Leave the bar its length: where there is little room, without the speed, and with less of the text."""
        room = self.width() - theme.scaled(_BAR)
        room -= sum(part.sizeHint().width() + _SPACE for part in (self.play, self.live))
        text, speed = self.label.sizeHint().width() + _SPACE, self.speed.maximumWidth() + _SPACE
        self.speed.setVisible(room >= text + speed)
        self.label.setMaximumWidth(max(0, min(text, room) - _SPACE))

    def set_state(self, measured: int, steps: int, at: int, live: bool, text: str, busy: bool = False) -> None:
        """Show the steps, the visible step, whether it follows the training, and a text."""
        self._measured, self._at = measured, at
        self.timeline.set_state(measured, steps, at, live, busy)
        self.live.setChecked(live)
        for button in (self.live, self.play):
            button.setEnabled(measured > 0)
        self.label.setText(text)
        self._leave_room()
        if live and self.play.isChecked():
            self.play.setChecked(False)

    def stop_playing(self) -> None:
        """Stop the playback."""
        self.play.setChecked(False)

    @Slot(int)
    def _moved(self, step: int) -> None:
        self.stop_playing()
        self.chosen.emit(step)

    @Slot()
    def _go_live(self) -> None:
        self.stop_playing()
        self.chosen.emit(-1)

    @Slot(bool)
    def _play_toggled(self, on: bool) -> None:
        self.play.setText(_("❚❚ Pause") if on else _("▶ Replay"))
        if not on:
            self._timer.stop()
            return
        self._behind = 0.0
        if self._at >= self._measured - 1:
            self.chosen.emit(0)
        else:
            self.chosen.emit(self._at)
        self._timer.start()

    @Slot()
    def _play_on(self) -> None:
        self._behind += self.speed.value() * _FRAME_MS / 1000
        whole = int(self._behind)
        if not whole:
            return
        self._behind -= whole
        step = self._at + whole
        if step >= self._measured - 1:
            self.play.setChecked(False)
            step = self._measured - 1
        self.chosen.emit(step)
