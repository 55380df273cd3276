"""Small parts that every workspace is made of: a titled panel, a row of chips to choose from, a dim label."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
    QTextDocument,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOption,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.base.glossary import tooltip
from resviz.gui.style.flow_layout import FlowLayout
from resviz.gui.style.theme import SPACING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
_CTRL = Qt.KeyboardModifier.ControlModifier
_ALL = 1000
"""Of the room of a header is a heading's that elides."""
FRAME = QSize(8, 40)
"""Room for the frame that the window's manager draws around it: the status bar is not to end below the screen."""


class ElidedLabel(QLabel):
    """A dim line that ends in … if there is no room, instead of widening the window. Its tooltip has the whole text."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("dim")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(plain(text))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(self.alignment()), text)


class FittingLabel(QLabel):
    """A line of rich text. Where it has too little room, its plain text is cut short with …, never in a letter.

    Where less than half of it would be left, there is nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.sizeHint().width() <= self.width():
            super().paintEvent(event)
            return
        if self.width() < self.sizeHint().width() / 2:
            return
        document = QTextDocument()
        document.setHtml(self.text())
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(document.toPlainText(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), text)


class Panel(QFrame):
    """A framed part of a workspace: a heading with room for chips at its right, and a body below."""

    def __init__(self, title: str, parent: QWidget | None = None, elides: bool = False) -> None:
        """Make an empty panel.

        A heading that `elides` is cut short if there is no room; others make the panel wider.
        """
        super().__init__(parent)
        self.setObjectName("panel")
        self.heading = ElidedLabel(title) if elides else QLabel(title)
        self.heading.setObjectName("heading")
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.header = QHBoxLayout()
        self.header.setSpacing(6)
        self.header.addWidget(self.heading, _ALL if elides else 0)
        self.header.addStretch(1)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(SPACING, SPACING - 2, SPACING, SPACING - 2)
        self.body.setSpacing(6)
        self.body.addLayout(self.header)

    def add_to_header(self, widget: QWidget) -> None:
        """Add a widget at the right of the heading."""
        self.header.addWidget(widget)


class Chips(QWidget):
    """One choice of a few, all in sight. `chosen` is emitted with the key when a person chooses."""

    chosen = Signal(str)
    """The chosen key; with `several`, all chosen keys, joined."""

    def __init__(
        self, choices: Sequence[tuple[str, str]], name: str, *, tip: str = "", wraps: bool = False, several: str = ""
    ) -> None:
        """Make a button for each choice.

        Args:
            choices: Key and text of each choice.
            name: What a screen reader says.
            tip: Tooltip of buttons that get no other one.
            wraps: Whether the buttons may take several lines.
            several: What joins the keys if Ctrl and a click add one; "" for one choice only.
        """
        super().__init__()
        self._several = several
        self.setAccessibleName(name)
        row = FlowLayout() if wraps else QHBoxLayout()
        self.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 if wraps else 4)
        self._choice = ""
        self._group = QButtonGroup(self)
        self._group.setExclusive(not several)
        self._buttons: dict[str, QPushButton] = {}
        for key, text in choices:
            button = QPushButton(text)
            button.setObjectName("chip")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click shows its choice, and no second frame
            button.setAccessibleName(f"{name}: {text}")
            button.setToolTip(plain(tip))
            button.installEventFilter(self)
            self._group.addButton(button)
            self._buttons[key] = button
            row.addWidget(button)
        if isinstance(row, QHBoxLayout):
            row.addStretch(1)
        self._group.buttonClicked.connect(self._clicked)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move the focus to the next button, and choose nothing."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and Qt.Key(event.key()) in _ARROWS:
            buttons = list(self._buttons.values())
            to = buttons.index(watched) + _ARROWS[Qt.Key(event.key())] if watched in buttons else -1
            if 0 <= to < len(buttons):
                buttons[to].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return super().eventFilter(watched, event)

    @property
    def choice(self) -> str:
        """The key of the choice; with `several`, all of them, joined."""
        return self._choice

    def set_choice(self, key: str) -> None:
        """Show a choice without a signal. A key that is not known shows none."""
        keys = key.split(self._several) if self._several else [key]
        self._choice = key
        self._group.setExclusive(False)
        for known, button in self._buttons.items():
            button.setChecked(known in keys)
        self._group.setExclusive(not self._several)

    def button(self, key: str) -> QPushButton:
        """Return the button of a choice."""
        return self._buttons[key]

    def _clicked(self, button: QPushButton) -> None:
        key = next(key for key, known in self._buttons.items() if known is button)
        if self._several:
            before = self._choice
            keys = [key]
            if QGuiApplication.keyboardModifiers() & (_CTRL | Qt.KeyboardModifier.ShiftModifier):
                keys = [known for known, other in self._buttons.items() if other.isChecked()] or [key]
            key = self._several.join(keys)
            self.set_choice(before)  # whoever hears it decides, and shows what is so
        self.chosen.emit(key)


def dim(text: str = "") -> QLabel:
    """Return a label with dim text. If the text is a technical word, its tooltip explains the word."""
    label = QLabel(text)
    label.setToolTip(plain(tooltip(text)))
    label.setObjectName("dim")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def labelled(text: str, widget: QWidget) -> QWidget:
    """Return a widget with its label at the left. Both stay in one line."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(dim(text))
    row.addWidget(widget, 1)
    return group


def plain(text: str) -> str:
    """Return a text for a tooltip or a dialog. They take text that looks like HTML for HTML, so it is escaped."""
    return f"<span>{escape(text).replace(chr(10), '<br>')}</span>" if text else ""


def primary(text: str) -> QPushButton:
    """Return the one obvious button."""
    button = QPushButton(text)
    button.setObjectName("primary")
    return button


def tool_button() -> QToolButton:
    """Return a flat button for a toolbar, reachable with Tab."""
    button = QToolButton()
    button.setObjectName("tool")
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class NumberBox(QSpinBox):
    """A whole number that is typed. A number outside the range is refused as a whole, never cut to what fits.

    `refused` has the text that was typed; the number stays as it was.
    """

    refused = Signal(str)

    def __init__(self, name: str, least: int, most: int) -> None:
        super().__init__()
        self.setRange(least, most)
        self.setAccessibleName(name)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(4, 0, 0, 0)

    @override
    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        digits = text.strip()
        if digits.isascii() and digits.isdigit():
            fits = self.minimum() <= int(digits[:20]) <= self.maximum()
            return (QValidator.State.Acceptable if fits else QValidator.State.Intermediate, text, position)
        return (QValidator.State.Invalid if digits else QValidator.State.Intermediate, text, position)

    @override
    def fixup(self, text: str) -> str:
        """Return what takes the place of a number outside the range: the number before."""
        if text.strip():
            self.refused.emit(text)
        return str(self.value())

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel over the number scrolls the page, and changes nothing."""
        event.ignore()


class ElidedComboBox(QComboBox):
    """A list whose chosen text ends in … if there is no room for it, instead of in the middle of a letter."""

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        edit = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, edit, self).width()
        text = option.currentText if self.currentIndex() >= 0 else self.placeholderText()
        option.currentText = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room - 2)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class StillComboBox(ElidedComboBox):
    """A list that only a click or a key opens. The wheel scrolls the page around it, and chooses nothing."""

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def fit_to_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, or what the screen has room for."""
    window.resize(QSize(width, height).boundedTo(window.screen().availableSize() - FRAME))


def close_by_keys(window: QWidget) -> None:
    """Close a window beside the main one by the system's key for closing, such as Ctrl+W, and by Escape."""
    for keys in (*QKeySequence.keyBindings(QKeySequence.StandardKey.Close), QKeySequence(Qt.Key.Key_Escape)):
        QShortcut(keys, window, window.close)
