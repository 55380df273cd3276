"""Small parts that every workspace is made of: a titled panel, a row of chips to choose from, a dim label."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.base.glossary import tooltip
from resviz.gui.style.flow_layout import FlowLayout
from resviz.gui.style.theme import SPACING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALL = 1000
"""Of the room of a header is a heading's that elides."""


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

    def __init__(self, choices: Sequence[tuple[str, str]], name: str, *, tip: str = "", wraps: bool = False) -> None:
        """Make a button for each choice.

        Args:
            choices: Key and text of each choice.
            name: What a screen reader says.
            tip: Tooltip of buttons that get no other one.
            wraps: Whether the buttons may take several lines.
        """
        super().__init__()
        self.setAccessibleName(name)
        row = FlowLayout() if wraps else QHBoxLayout()
        self.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 if wraps else 4)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for key, text in choices:
            button = QPushButton(text)
            button.setObjectName("chip")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click shows its choice, and no second frame
            button.setAccessibleName(f"{name}: {text}")
            button.setToolTip(plain(tip))
            self._group.addButton(button)
            self._buttons[key] = button
            row.addWidget(button)
        if isinstance(row, QHBoxLayout):
            row.addStretch(1)
        self._group.buttonClicked.connect(self._clicked)

    def set_choice(self, key: str) -> None:
        """Show a choice without a signal. A key that is not known shows none."""
        self._group.setExclusive(False)
        for known, button in self._buttons.items():
            button.setChecked(known == key)
        self._group.setExclusive(True)

    def button(self, key: str) -> QPushButton:
        """Return the button of a choice."""
        return self._buttons[key]

    def _clicked(self, button: QPushButton) -> None:
        self.chosen.emit(next(key for key, known in self._buttons.items() if known is button))


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
    row.addWidget(widget)
    return group


def plain(text: str) -> str:
    """Return a text for a tooltip or a dialog. They take text that looks like HTML for HTML, so it is escaped."""
    return f"<span>{escape(text).replace(chr(10), '<br>')}</span>" if text else ""


def primary(text: str) -> QPushButton:
    """Return the one obvious button."""
    button = QPushButton(text)
    button.setObjectName("primary")
    return button
