"""The settings, made from the declared preferences. A change is in force at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from resviz.base.translation import _, available_languages
from resviz.gui.shell.preferences import MAX_ZOOM, MIN_ZOOM, Preferences, PreferenceStore
from resviz.gui.style.widgets import StillComboBox, dim, plain

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_LANGUAGES = {"": _("as the system"), "en": "English", "zh_TW": "繁體中文", "ko": "한국어", "fr": "Français"}
_WORDS = {"system": _("as the system"), "light": _("light"), "dark": _("dark")}


class SettingsDialog(QDialog):
    """A row for each preference: its title, an editor, and what it does."""

    def __init__(self, store: PreferenceStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self._store = store
        self.editors: dict[str, QWidget] = {}
        grid = QGridLayout()
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(2, 1)
        for row, (name, field) in enumerate(Preferences.model_fields.items()):
            editor = self._editor(name, field)
            editor.setAccessibleName(field.title or name)
            editor.setToolTip(plain(field.description or ""))
            self.editors[name] = editor
            explanation = dim(field.description or "")
            explanation.setWordWrap(True)
            explanation.setMinimumWidth(280)
            label = QLabel(field.title or name)
            label.setBuddy(editor)
            for column, widget in enumerate((label, editor, explanation)):
                grid.addWidget(widget, row, column)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_ = QVBoxLayout(self)
        column_.addLayout(grid)
        column_.addWidget(buttons)

    def _editor(self, name: str, field: FieldInfo) -> QWidget:
        value = getattr(self._store.current, name)
        if isinstance(value, bool):
            box = QCheckBox()
            box.setChecked(value)
            box.toggled.connect(partial(self._change, name))
            return box
        if isinstance(value, float):
            number = QDoubleSpinBox()
            number.setRange(MIN_ZOOM, MAX_ZOOM)
            number.setSingleStep(0.1)
            number.setValue(value)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(partial(self._change, name))
            return number
        combo = StillComboBox()
        for choice in _choices(name, field):
            combo.addItem(_LANGUAGES.get(choice, choice) if name == "language" else _WORDS.get(choice, choice), choice)
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.connect(partial(self._choose, name))
        return combo

    def _choose(self, name: str, index: int) -> None:
        combo = self.editors[name]
        assert isinstance(combo, StillComboBox)
        self._change(name, combo.itemData(index))

    def _change(self, name: str, value: Any) -> None:
        self._store.update(**{name: value})
        QTimer.singleShot(0, self, self._fit)

    @Slot()
    def _fit(self) -> None:
        """Grow with the text."""
        self.adjustSize()


def _choices(name: str, field: FieldInfo) -> list[str]:
    return ["", *available_languages()] if name == "language" else list(get_args(field.annotation))
