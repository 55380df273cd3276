"""What every lesson has: its question, a row of numbers to change, a picture, and sums below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.widgets import Chips, dim, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Box = TypeVar("_Box", QSpinBox, QDoubleSpinBox)


class LessonPage(QWidget):
    """A lesson. `refresh` is called when a number, or the colours, have changed."""

    title = ""

    def __init__(self, question: str, source: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel(question)
        heading.setWordWrap(True)
        self._controls: list[tuple[Callable[[], object], Callable[[Any], object]]] = []
        """How each control is read, and filled."""
        self._at_first: tuple[object, ...] = ()
        self.numbers = QHBoxLayout()
        self.numbers.setSpacing(6)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)
        self.body.addWidget(heading)
        self.body.addLayout(self.numbers)
        self._source = dim(source)
        self._source.setWordWrap(True)
        theme.changed().connect(self._again)

    def finish(self) -> None:
        """To be called when all parts are in place: the source stands below them."""
        self.numbers.addStretch(1)
        self.body.addWidget(self._source)
        self._at_first = self.settings()
        self.refresh()

    @property
    def answer_value(self) -> float:
        """The number that a question of the story asks for; NaN while it is not computed or measured."""
        return math.nan

    @property
    def presented(self) -> QWidget | None:
        """What is shown in presentation mode: the widget with the picture, without controls and sums."""
        return None

    @property
    def status(self) -> str:
        """What a measurement has found, or how far it is; "" of pages that measure nothing."""
        return ""

    def start(self) -> None:
        """Begin what takes a while to measure; most pages measure nothing."""

    def prepare_question(self) -> None:
        """Begin with what a question of the story is about; most pages always do."""

    @property
    def is_as_opened(self) -> bool:
        """Whether the settings are those at the start, which a question of the story is about."""
        return self.settings() == self._at_first

    def settings(self) -> tuple[object, ...]:
        """Return the values of the controls."""
        return tuple(read() for read, _fill in self._controls)

    def restore(self) -> None:
        """Bring the settings at the start back."""
        for value, (_read, fill) in zip(self._at_first, self._controls, strict=True):
            fill(value)
        self.refresh()

    def refresh(self) -> None:
        """Compute and draw everything again from the controls' values."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Stop what the page does in a thread; most do nothing there."""

    @Slot()
    def _again(self) -> None:
        """Refresh: Qt forgets a slot with the page, and a method of a subclass it would not."""
        self.refresh()

    def add_count(self, name: str, value: int, least: int, most: int, step: int = 1) -> QSpinBox:
        """Return a whole number that a person can change."""
        box = QSpinBox()
        box.setRange(least, most)
        box.setSingleStep(step)
        return self._add(name, box, lambda: box.setValue(value))

    def add_number(self, name: str, value: float, least: float, most: float, step: float = 0.1) -> QDoubleSpinBox:
        """Add a box for a number. The page refreshes when it changes, and the reset button brings `value` back."""
        box = QDoubleSpinBox()
        box.setRange(least, most)
        box.setDecimals(2)
        box.setSingleStep(step)
        return self._add(name, box, lambda: box.setValue(value))

    def add_chips(self, name: str, choices: Sequence[tuple[str, str]], tip: str) -> Chips:
        """Add a choice of a few. The first is chosen, and the page refreshes when a person chooses another."""
        chips = Chips(choices, name, tip=tip)
        chips.set_choice(choices[0][0])
        chips.chosen.connect(chips.set_choice)
        chips.chosen.connect(self._again)
        self._controls.append((lambda: chips.choice, chips.set_choice))
        self.numbers.addWidget(chips)
        return chips

    def add_player(self, name: str, tip: str, milliseconds: int, advance: Callable[[], bool]) -> QPushButton:
        """Add a button that plays: while it is down, `advance` is called again and again, until it returns False.

        It also stops when the page is left.
        """
        button = QPushButton(name)
        button.setCheckable(True)
        button.setToolTip(plain(tip))
        timer = QTimer(self)
        timer.setInterval(milliseconds)

        def play(on: bool) -> None:
            if on:
                timer.start()
            else:
                timer.stop()

        def step() -> None:
            if not self.isVisible() or not advance():
                button.setChecked(False)

        button.toggled.connect(play)
        timer.timeout.connect(step)
        self.numbers.addWidget(button)
        return button

    def _add(self, name: str, box: _Box, fill: Callable[[], None]) -> _Box:
        fill()
        box.setAccessibleName(name)
        box.setToolTip(plain(_("Change {name}; the picture follows.").format(name=name)))
        label = dim(name)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.numbers.addWidget(label)
        self.numbers.addWidget(box)
        box.valueChanged.connect(self._again)
        self._controls.append((box.value, box.setValue))
        return box
