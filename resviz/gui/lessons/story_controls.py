"""The settings that a page of the story offers: chips for a few values, a slider for a range."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from resviz.base.translation import _
from resviz.experiments.lessons import control_range
from resviz.gui.style.choices import Choice
from resviz.gui.style.widgets import Chips, plain
from resviz.gui.train.training_setup import CHOICES
from resviz.results.setting_titles import setting_title

if TYPE_CHECKING:
    from resviz.experiments.lessons import ControlRange

_PLACES = 60
"""Places of a slider: each is a few percent more than the one before."""
_SETTLES_MS = 600
"""A slider that is moved by keys, or by its wheel, has its value when it rests."""


class SettingSlider(QWidget):
    """A number between two limits, on a logarithmic scale. `chosen` is emitted when the slider rests."""

    chosen = Signal(str)

    def __init__(self, limits: ControlRange, name: str) -> None:
        super().__init__()
        self._limits = limits
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _PLACES)
        self.slider.setPageStep(_PLACES // 6)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(
            plain(
                _("{setting}: {least} to {most}. Trains again.").format(
                    setting=name, least=limits.text(limits.least), most=limits.text(limits.most)
                )
            )
        )
        self.number = QLabel()
        self.number.setMinimumWidth(
            self.number.fontMetrics().horizontalAdvance(max(map(limits.text, (limits.least, limits.most)), key=len))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        self._choice = ""
        self._rests = QTimer(self)
        self._rests.setSingleShot(True)
        self._rests.setInterval(_SETTLES_MS)
        self._rests.timeout.connect(self._choose)
        self.slider.valueChanged.connect(self._moved)
        self.slider.sliderReleased.connect(self._choose)

    @property
    def choice(self) -> str:
        """The number that is set, as text."""
        return self._choice

    def set_choice(self, value: str) -> None:
        """Show a number without a signal. 0 stands for all, the upper limit."""
        if self.slider.isSliderDown() or self._rests.isActive():
            return  # the reader is choosing
        self._choice = value
        number = float(value) or self._limits.most
        self.slider.blockSignals(True)
        self.slider.setValue(round(self._limits.share(number) * _PLACES))
        self.slider.blockSignals(False)
        self.number.setText(self._limits.text(number))

    def _text(self) -> str:
        return self._limits.text(self._limits.at(self.slider.value() / _PLACES))

    @Slot()
    def _moved(self) -> None:
        self.number.setText(self._text())
        if not self.slider.isSliderDown():
            self._rests.start()

    @Slot()
    def _choose(self) -> None:
        self._rests.stop()
        value = self._text()
        if value != self._choice:
            self._choice = value
            self.chosen.emit(value)


Control = Chips | SettingSlider


def story_control(field: str, values: tuple[str, ...]) -> tuple[str, Control]:
    """Return title and widget of a setting: TRAIN's chips, with these values only, or those that a lesson declares."""
    limits = control_range(values)
    if limits is not None:
        title = setting_title(field)
        return title, SettingSlider(limits, title)
    choice = _choice(field, values)
    chips = Chips([(value, text) for value, text, _why in choice.values], choice.title, wraps=True)
    for value, _title, why in choice.values:
        chips.button(value).setToolTip(plain(why))
    return choice.title, chips


def _choice(field: str, values: tuple[str, ...]) -> Choice:
    known = next((choice for choice in CHOICES if choice.field == field), None)
    if known is not None:
        return replace(known, values=tuple(offered for offered in known.values if not values or offered[0] in values))
    title = setting_title(field)
    tip = _("Train again with {setting} {value}.")
    offered = []
    for entry in values:
        value, _colon, text = (part.strip() for part in entry.partition(":"))
        offered.append((value, text or value, tip.format(setting=title, value=text or value)))
    return Choice(field, title, tuple(offered))
