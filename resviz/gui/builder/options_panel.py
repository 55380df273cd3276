"""The options of the chosen net, each with what it does and where it is from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.builder.net_options import TextOption, disabled_reason, displayed_value, explained, net_options
from resviz.gui.style import theme
from resviz.gui.style.choices import Choice
from resviz.gui.style.scaled_width import fix_width
from resviz.gui.style.widgets import Chips, Panel, dim

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent

    from resviz.nets.spec import NetSpec

_ROOM_TO_EXPLAIN = 480
"""Width of the panel from which there is room for an explanation beside each option."""


class OptionField(QLineEdit):
    """A line that Escape puts back to what it was when it was entered."""

    reset_requested = Signal(str)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._before = self.text()
        super().focusInEvent(event)

    def set_wrong(self, wrong: bool) -> None:
        """Mark the text as invalid, or not."""
        if wrong != bool(self.property("wrong")):
            self.setProperty("wrong", wrong)
            self.style().polish(self)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(self._before)
            self.reset_requested.emit(self._before)
            return
        super().keyPressEvent(event)


class OptionsPanel(Panel):
    """Emits the field and the value that a person chose or typed, as text."""

    changed = Signal(str, str)
    edit_ended = Signal()
    reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._reset = QPushButton(_("Revert"))
        self._reset.setObjectName("chip")
        self._reset.setToolTip(_("Revert this net to how it was opened."))
        self._reset.clicked.connect(self.reset)
        self.add_to_header(self._reset)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2)
        self.chips: dict[str, Chips] = {}
        self.fields: dict[str, OptionField] = {}
        self._explanations: dict[str, QLabel] = {}
        self._typing = ""
        for option in net_options():
            self._explanations[option.field] = dim()
            self._explanations[option.field].setWordWrap(True)
            widget = self._choice(option) if isinstance(option, Choice) else self._text(option)
            self._add_row(grid, option.title, widget, self._explanations[option.field])
        self.input, self.classes = self.fields["input"], self.fields["classes"]
        inner = QWidget()
        inner.setObjectName("bare")
        inner.setLayout(grid)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inner)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.body.addWidget(self.area, 1)
        self.body.addWidget(self.problem)  # below: nothing that is pointed at moves when it comes

    def _choice(self, option: Choice) -> Chips:
        chips = Chips([(value, text) for value, text, _ in option.values], option.title, wraps=True)
        chips.chosen.connect(partial(self._choose, option.field))
        for value, _title, explanation in option.values:
            chips.button(value).setToolTip(explanation)
        self.chips[option.field] = chips
        return chips

    def _text(self, option: TextOption) -> OptionField:
        field = OptionField()
        fix_width(field, option.width)
        field.setAccessibleName(option.title)
        field.setToolTip(option.explanation)
        field.textEdited.connect(partial(self._type, option.field))
        field.editingFinished.connect(self.edit_ended)
        field.reset_requested.connect(partial(self._type, option.field))
        self.fields[option.field] = field
        return field

    def _add_row(self, grid: QGridLayout, title: str, widget: QWidget, explanation: QLabel) -> None:
        row = grid.rowCount()
        grid.addWidget(dim(title), row, 0)
        if isinstance(widget, Chips):
            grid.addWidget(widget, row, 1)
        else:
            grid.addWidget(widget, row, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(explanation, row, 2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the explanations out where there is room for the choices only: their tooltips have them too."""
        super().resizeEvent(event)
        for explanation in self._explanations.values():
            explanation.setVisible(self.width() >= theme.scaled(_ROOM_TO_EXPLAIN))

    def set_spec(self, spec: NetSpec, changed: bool, typed: dict[str, str], drafts: bool) -> None:
        """Show a net's options.

        `changed` is whether the net differs from what it was when it was added, `typed` the text of options that is
        not valid yet, by field, and `drafts` whether any part of the net has such text.
        """
        self.heading.setText(spec.label + (_(" (changed)") if changed else ""))
        self._reset.setVisible(changed or drafts)
        for option in net_options():
            why_not, value = disabled_reason(spec, option.field), displayed_value(spec, option.field)
            explanation = why_not or explained(option, value)
            self._explanations[option.field].setText(explanation)
            if isinstance(option, Choice):
                self.chips[option.field].setEnabled(not why_not)
                self.chips[option.field].set_choice("" if why_not else value)
                continue
            field = self.fields[option.field]
            field.setEnabled(not why_not)
            field.set_wrong(option.field in typed)
            if option.field != self._typing:  # what is being typed stays as it is, and its cursor too
                field.setText(typed.get(option.field, value))

    def set_problem(self, text: str) -> None:
        """Show why the last text is not a valid net. "" hides the message."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _choose(self, field: str, value: str) -> None:
        self.changed.emit(field, value)
        self.edit_ended.emit()

    def _type(self, field: str, text: str) -> None:
        self._typing = field
        self.changed.emit(field, text)
        self._typing = ""
