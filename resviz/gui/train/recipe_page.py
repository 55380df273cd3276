"""The whole recipe, each setting with what it does and where its default is from; and the nets that it is for."""

from __future__ import annotations

from functools import partial
from typing import get_args

from PySide6.QtCore import QStringListModel, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from resviz.base.translation import N_, _
from resviz.gui.files import dialogs
from resviz.gui.style.scaled_width import fix_width
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import Panel, StillComboBox, dim, plain
from resviz.gui.train.training_setup import MAX_NETS, TrainingSetup
from resviz.nets import catalogue
from resviz.nets.spec import Activation, Norm, NormPlace
from resviz.results.setting_titles import setting_title
from resviz.training.recipe import TrainConfig, recipe_groups
from resviz.training.recipe_presets import presets

_DEVICES = ("auto", "cpu", "cuda")


_FURTHER = {"All nets": ("norm", "norm_place", "activation"), "Course": ("free",), "Machine": ("device",)}
"""What a group of the recipe has besides fields of TrainConfig: settings of the nets and of the session."""
_ORDER = (N_("All nets"), N_("Data"), N_("Updates"), N_("Course"), N_("Machine"))
_LEFT = ("All nets", "Course")
"""Groups in the left half of the page."""


def setting_groups() -> dict[str, tuple[str, ...]]:
    """Return the settings of each group: those of the nets first, then the recipe's own fields."""
    groups = recipe_groups()
    order = dict.fromkeys([*_ORDER, *groups])
    return {group: (*_FURTHER.get(group, ()), *groups.get(group, ())) for group in order}


_OF_NETS = {
    "norm": (_("Normalization of all nets. Section 3.4 uses batch normalization."), get_args(Norm)),
    "norm_place": (
        _("Place of the normalization: before the nonlinearity (section 3.4), after it, or after the sum."),
        get_args(NormPlace),
    ),
    "activation": (_("Nonlinearity of all nets. The paper uses ReLU."), get_args(Activation)),
    "free": (_("lock-step: all nets do the same step. free: each net trains at its own pace."), ("False", "True")),
    "device": (_("Device to train on. auto uses a GPU if there is one."), _DEVICES),
}
_OWN_TITLES = {"free": _("pace")}
_TEXTS = {"False": _("lock-step"), "True": _("free")}


class RecipePage(QWidget):
    """`changed` is a field and its value as text; `reset` a field to be put back to its default."""

    changed = Signal(str, str)
    reset = Signal(str)
    preset_chosen = Signal(str)
    net_chosen = Signal(int, str)
    net_removed = Signal(int)
    shortcut_chosen = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problems: dict[str, str] = {}
        """What is wrong with the text of a field, by the field's name."""
        self._explanations: dict[str, QLabel] = {}
        self.editors: dict[str, QComboBox | QLineEdit] = {}
        self._resets: dict[str, QPushButton] = {}
        self.nets: list[_NetRow] = []
        self._nets_panel = Panel(_("Nets"))
        note = dim(_("Equal layers start with equal weights, and all nets see the same batches."))
        note.setWordWrap(True)
        self._nets_panel.body.addWidget(note)
        for index in range(MAX_NETS):
            row = _NetRow(index)
            row.chosen.connect(self.net_chosen)
            row.removed.connect(self.net_removed)
            row.shortcut_chosen.connect(self.shortcut_chosen)
            self.nets.append(row)
            self._nets_panel.body.addWidget(row)
        self.preset = StillComboBox()
        self.preset.setAccessibleName(_("recipe of a paper"))
        self.preset.setPlaceholderText(_("Recipe of a paper …"))
        self.preset.setToolTip(plain(_("Use the settings that a paper prints. Data set, steps and seed stay.")))
        for name, one in presets().items():
            self.preset.addItem(one.title, name)
            self.preset.setItemData(self.preset.count() - 1, one.source, Qt.ItemDataRole.ToolTipRole)
        self.preset.setCurrentIndex(-1)
        self.preset.activated.connect(self._choose_preset)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self._nets_panel)
        for group, settings in setting_groups().items():
            column = left if group in _LEFT else right
            column.addWidget(self._panel(group, settings))
        for column in (left, right):
            column.setSpacing(SPACING)
            column.addStretch(1)
        inside = QWidget()
        both = QHBoxLayout(inside)
        both.setContentsMargins(0, 0, 6, 0)
        both.setSpacing(SPACING)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    @Slot(int)
    def _choose_preset(self, index: int) -> None:
        self.preset_chosen.emit(self.preset.itemData(index))

    def set_setup(self, setup: TrainingSetup) -> None:
        """Show the settings of a training. A field in which the user is typing keeps its text."""
        defaults = TrainConfig().model_dump()
        fitting = next((name for name, one in presets().items() if one.fits(setup.config)), None)
        self.preset.setCurrentIndex(self.preset.findData(fitting))
        for name, editor in self.editors.items():
            value = setup.value(name)
            if isinstance(editor, QComboBox):
                editor.setCurrentIndex(editor.findData(value))
            elif not (editor.hasFocus() and editor.isModified()) and name not in self.problems:
                editor.setText(value)
                editor.setCursorPosition(0)  # of a long name the beginning says most
            if name in self._resets:
                self._resets[name].setVisible(getattr(setup.config, name) != defaults[name])
        for index, row in enumerate(self.nets):
            spec = setup.specs[index] if index < len(setup.specs) else None
            row.setVisible(index <= len(setup.specs))
            row.set_net(
                spec.name if spec else "",
                spec.shortcut if spec and spec.has_shortcuts else "",
                removable=spec is not None and len(setup.specs) > 1,
            )

    def set_open_nets(self, names: list[str]) -> None:
        """Offer the nets that are open in BUILD, before those of the catalogue."""
        for row in self.nets:
            row.set_offered([*names, *catalogue.names()])

    def set_problem(self, name: str, text: str) -> None:
        """Say at a field why its text is not valid. The text stays, and the page does not move. "" takes it back."""
        if text:
            self.problems[name] = text
        elif name not in self.problems:
            return
        else:
            del self.problems[name]
        editor, explanation = self.editors[name], self._explanations[name]
        editor.setProperty("wrong", bool(text))
        editor.style().unpolish(editor)
        editor.style().polish(editor)
        explanation.setObjectName("problem" if text else "dim")
        explanation.setText(text or editor.toolTip())
        explanation.style().unpolish(explanation)
        explanation.style().polish(explanation)

    def clear_problems(self) -> None:
        """Take back what was said at the fields."""
        for name in tuple(self.problems):
            self.set_problem(name, "")

    def _panel(self, title: str, settings: tuple[str, ...]) -> Panel:
        panel = Panel(_(title))
        if title == "Updates":
            panel.add_to_header(self.preset)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(3, 1)
        for row, name in enumerate(settings):
            field = TrainConfig.model_fields.get(name)
            tip, choices = _OF_NETS.get(name) or (field.description or "" if field else "", _choices(name))
            grid.addWidget(dim(_OWN_TITLES.get(name) or setting_title(name)), row, 0)
            grid.addWidget(self._editor(name, choices, tip), row, 1)
            if field is not None:
                grid.addWidget(self._reset_button(name, field.default), row, 2)
            explanation = dim(tip)
            explanation.setWordWrap(True)
            self._explanations[name] = explanation
            grid.addWidget(explanation, row, 3)
        panel.body.addLayout(grid)
        return panel

    def _editor(self, name: str, choices: tuple[str, ...], tip: str) -> QWidget:
        editor: QComboBox | QLineEdit
        if choices:
            editor = StillComboBox()
            for choice in choices:
                editor.addItem(_TEXTS.get(choice, choice) if name == "free" else choice, choice)
            editor.activated.connect(partial(self._choose, name))
        else:
            editor = QLineEdit()
            editor.editingFinished.connect(partial(self._type, name))
        fix_width(editor, 112)
        editor.setAccessibleName(name)
        editor.setToolTip(tip)
        self.editors[name] = editor
        return editor

    def _reset_button(self, name: str, default: object) -> QPushButton:
        button = QPushButton("↺")
        button.setObjectName("chip")
        text = ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)
        button.setToolTip(_("Reset to {value}").format(value=text))
        button.setAccessibleName(_("reset {field}").format(field=name))
        button.clicked.connect(partial(self._put_back, name))
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        self._resets[name] = button
        return button

    def _choose(self, name: str, index: int) -> None:
        editor = self.editors[name]
        assert isinstance(editor, QComboBox)
        self.changed.emit(name, editor.itemData(index))

    def _type(self, name: str) -> None:
        editor = self.editors[name]
        if isinstance(editor, QLineEdit) and editor.isModified():
            editor.setModified(False)
            self.changed.emit(name, editor.text())

    def _put_back(self, name: str) -> None:
        self.reset.emit(name)


class _NetRow(QWidget):
    """One net: its name, with completion, its shortcuts, and a button that takes it away."""

    chosen = Signal(int, str)
    removed = Signal(int)
    shortcut_chosen = Signal(int, str)

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("Add a net, like cifar-resnet56 …"))
        self.name.setToolTip(_("Type the name of a net: one that is open in Build, or one like cifar-resnet56."))
        self.name.setAccessibleName(_("net {number}").format(number=index + 1))
        self._offered = QStringListModel(list(catalogue.names()), self)
        completer = QCompleter(self._offered, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.name.setCompleter(completer)
        self.file = QPushButton(_("File …"))
        self.file.setObjectName("chip")
        self.file.setToolTip(_("Train the net of a spec file."))
        self.file.setAccessibleName(_("file of net {number}").format(number=index + 1))
        self.file.clicked.connect(self._ask_file)
        self.name.editingFinished.connect(self._typed)
        self._shortcut_label = QLabel(_("option"))
        self.shortcut = StillComboBox()
        self.shortcut.addItems(["A", "B", "C"])
        self.shortcut.setAccessibleName(_("net {number} shortcut").format(number=index + 1))
        self.shortcut.setToolTip(
            _("Shortcut option: A pads with zeros, B projects where dimensions change, C projects everywhere.")
        )
        self.shortcut.textActivated.connect(self._shortcut_activated)
        self.remove = QPushButton("×")
        self.remove.setObjectName("chip")
        self.remove.setToolTip(_("Remove this net."))
        self.remove.setAccessibleName(_("remove net {number}").format(number=index + 1))
        self.remove.clicked.connect(self._removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.name, 1)
        for widget in (self.file, self._shortcut_label, self.shortcut, self.remove):
            row.addWidget(widget)

    def set_offered(self, names: list[str]) -> None:
        self._offered.setStringList(names)

    def set_net(self, name: str, shortcut: str, *, removable: bool) -> None:
        if not (self.name.hasFocus() and self.name.isModified()):
            self.name.setText(name)
        for widget in (self._shortcut_label, self.shortcut):
            widget.setVisible(bool(shortcut))
        self.shortcut.setCurrentText(shortcut)
        self.remove.setVisible(removable)

    @Slot()
    def _ask_file(self) -> None:
        for path in dialogs.ask_which(self, _("Open spec"), "toml", _("spec"))[:1]:
            self.chosen.emit(self._index, str(path))

    @Slot()
    def _typed(self) -> None:
        if self.name.isModified() and self.name.text().strip():
            self.name.setModified(False)
            self.chosen.emit(self._index, self.name.text().strip())

    @Slot(str)
    def _shortcut_activated(self, text: str) -> None:
        self.shortcut_chosen.emit(self._index, text)

    @Slot()
    def _removed(self) -> None:
        self.removed.emit(self._index)


def _choices(name: str) -> tuple[str, ...]:
    """Return a field's values where it has only a few."""
    annotation = TrainConfig.model_fields[name].annotation
    if annotation is bool:
        return ("False", "True")
    return tuple(get_args(annotation)) if all(isinstance(value, str) for value in get_args(annotation)) else ()
