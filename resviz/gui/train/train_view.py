"""TRAIN's layout: the lesson and its controls, one step cursor, what was measured in words, and four panels."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from resviz.base.translation import _
from resviz.experiments.lessons import lessons
from resviz.gui.plots.panel_grid import PanelGrid
from resviz.gui.plots.timeline import StepCursor
from resviz.gui.plots.views import train_views
from resviz.gui.style.flow_layout import FlowLayout
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import Chips, labelled, primary
from resviz.gui.train.recipe_page import RecipePage
from resviz.gui.train.training_setup import CHOICES, TrainingSetup

_BUTTONS = {  # state: (the main button's text, step, stop)
    "idle": (_("▶  Start"), False, False),
    "again": (_("▶  Start again"), False, False),
    "preparing": (_("preparing …"), False, True),
    "running": (_("❚❚  Pause"), False, True),
    "paused": (_("▶  Continue"), True, True),
    "stopping": (_("stopping …"), False, False),
}
_PLACES = {"main": (0, 0, 1, 1), "training": (0, 1, 1, 1), "second": (1, 0, 1, 1), "third": (1, 1, 1, 1)}
_ROWS, _COLUMNS = (55, 45), (55, 45)
"""Of the height and of the width."""


class TrainView(QWidget):
    """Setters in, signals out."""

    main_pressed = Signal()
    step_pressed = Signal()
    stop_pressed = Signal()
    run_to_pressed = Signal(int)
    lesson_chosen = Signal(str)
    setting_changed = Signal(str, str)
    step_chosen = Signal(int)
    number_clicked = Signal(str)
    fetch_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lesson_chooser = QComboBox()
        self.lesson_chooser.setAccessibleName("lesson")
        self.lesson_chooser.setToolTip(_("Choose a lesson: its nets, its recipe, and what to look at."))
        for lesson in lessons():
            self.lesson_chooser.addItem(_(lesson.title), lesson.name)
        self.lesson_chooser.setMaxVisibleItems(20)
        self.lesson_chooser.setMaximumWidth(330)
        self.lesson_chooser.activated.connect(self._lesson_activated)
        self.main = primary(_("▶  Start"))
        self.main.setFixedWidth(132)
        self.main.setToolTip(_("Start, pause or continue the training."))
        self.main.clicked.connect(self.main_pressed)
        self.step = QPushButton(_("Step"))
        self.step.setToolTip(_("Train one step of every net. Pause first."))
        self.step.clicked.connect(self.step_pressed)
        self.stop = QPushButton(_("Stop"))
        self.stop.setToolTip(_("Stop the training. The measurements so far are saved."))
        self.stop.clicked.connect(self.stop_pressed)
        self.run_to = QPushButton(_("Run to"))
        self.run_to.setToolTip(_("Train until this step is done, then pause."))
        self.run_to.clicked.connect(self._run_to_clicked)
        self.target = self._number(_("step to run to"), 1)
        self.target.setValue(20)
        self.target.setToolTip(_("Set the step at which Run to pauses."))
        self.title = QLabel()
        self.recipe = QPushButton(_("Recipe …"))
        self.recipe.setCheckable(True)
        self.recipe.setToolTip(_("Show every setting with its default and its source, and choose one to four nets."))
        self.recipe.toggled.connect(self._show_recipe)
        self.step_cursor = StepCursor()
        self.step_cursor.chosen.connect(self.step_chosen)
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.fetch = QPushButton()
        self.fetch.setAccessibleName(_("fetch the data set"))
        self.fetch.setToolTip(_("Fetch the missing data set, or stop the download."))
        self.fetch.clicked.connect(self.fetch_pressed)
        self.fetch.hide()
        self.readout = self._rich_label()
        self.readout.linkActivated.connect(self.number_clicked)
        self.lesson = self._rich_label()
        self.lesson.linkActivated.connect(self.number_clicked)
        self.settings: dict[str, Chips] = {}
        self.steps = self._number("steps", 1)
        self.steps.setSingleStep(100)
        self.steps.setToolTip(_("Set the number of steps to train."))
        self.steps.setKeyboardTracking(False)
        self.steps.valueChanged.connect(self._steps_changed)
        self.recipe_page = RecipePage()
        self.grid = PanelGrid(train_views(), _PLACES, _ROWS, _COLUMNS)
        self.grid.step_chosen.connect(self.step_chosen)
        self.panels = self.grid.panels
        self._lay_out()

    def set_setup(self, setup: TrainingSetup) -> None:
        """Show the settings of a training, without signals."""
        self.lesson_chooser.setCurrentIndex(self.lesson_chooser.findData(setup.lesson.name))
        for field, chips in self.settings.items():
            chips.set_choice(setup.value(field))
        self.settings["depth"].setEnabled(bool(setup.value("depth")))
        self.settings["init"].button("normal").setText(f"N(0, {setup.config.init_std:g}²)")
        self.steps.blockSignals(True)
        self.steps.setValue(setup.config.steps)
        self.steps.blockSignals(False)
        self.recipe_page.set_setup(setup)

    def set_state(self, state: str) -> None:
        """Show what the buttons do: idle, again (after a run), preparing, running, paused or stopping."""
        text, step, stop = _BUTTONS[state]
        self.main.setText(text)
        self.main.setEnabled(state not in ("preparing", "stopping"))
        self.step.setEnabled(step)
        self.stop.setEnabled(stop)
        self.run_to.setEnabled(state not in ("preparing", "stopping"))

    def set_title(self, html: str) -> None:
        """Show what is trained, as HTML."""
        self.title.setText(html)

    def set_readout(self, html: str, nets: int) -> None:
        """Show the diagnosis, one paragraph for each net. Its room is reserved, so that the plots don't move."""
        self.readout.setText(html)
        self.readout.setMinimumHeight(nets * self.readout.fontMetrics().lineSpacing())
        self.readout.show()

    def set_lesson(self, html: str) -> None:
        """Show the lesson's text, as HTML. "" hides it."""
        self.lesson.setText(html)
        self.lesson.setVisible(bool(html))

    def set_problem(self, text: str) -> None:
        """Show a problem. "" hides it."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def set_fetch(self, text: str) -> None:
        """Show the button that fetches missing data, or stops. "" hides it."""
        self.fetch.setText(text)
        self.fetch.setVisible(bool(text))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.lesson_chooser)
        top.addWidget(self.title, 1)
        for button in (self.main, self.step, self.stop, self.run_to, self.target):
            top.addWidget(button)
        settings: list[QWidget] = []
        for choice in CHOICES:
            chips = Chips([(value, text) for value, text, _ in choice.values], choice.title)
            for value, _title, explanation in choice.values:
                chips.button(value).setToolTip(explanation)
            chips.chosen.connect(partial(self.setting_changed.emit, choice.field))
            self.settings[choice.field] = chips
            settings += [labelled(choice.title, chips)]
        choices = FlowLayout([*settings, labelled(_("steps"), self.steps), self.recipe], spacing=8)

        readout_frame = QFrame()
        readout_frame.setObjectName("panel")
        inside = QVBoxLayout(readout_frame)
        inside.setContentsMargins(SPACING, 5, SPACING, 5)
        inside.setSpacing(3)
        for label in (self.problem, self.lesson, self.readout):
            inside.addWidget(label)
        inside.addWidget(self.fetch, 0, Qt.AlignmentFlag.AlignLeft)

        self._pages = QStackedWidget()
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self.recipe_page)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(top)
        column.addLayout(choices)
        column.addWidget(self.step_cursor)
        column.addWidget(readout_frame)
        column.addWidget(self._pages, 1)

    @staticmethod
    def _rich_label() -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        label.hide()
        return label

    @staticmethod
    def _number(name: str, least: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(least, 10_000_000)
        spin.setFixedWidth(78)
        spin.lineEdit().setTextMargins(4, 0, 0, 0)
        spin.setAccessibleName(name)
        return spin

    @Slot(int)
    def _lesson_activated(self, index: int) -> None:
        self.lesson_chosen.emit(self.lesson_chooser.itemData(index))

    @Slot()
    def _run_to_clicked(self) -> None:
        self.run_to_pressed.emit(self.target.value())

    @Slot(bool)
    def _show_recipe(self, shown: bool) -> None:
        self._pages.setCurrentIndex(int(shown))
        self.recipe.setText(_("Back to the views") if shown else _("Recipe …"))

    @Slot(int)
    def _steps_changed(self, value: int) -> None:
        self.setting_changed.emit("steps", str(value))
