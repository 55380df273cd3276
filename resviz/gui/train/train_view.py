"""TRAIN's layout: the lesson and its controls, one step cursor, what was measured in words, and four panels."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
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
from resviz.gui.style.scaled_width import fix_width, limit_width
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import Chips, FittingLabel, NumberBox, StillComboBox, labelled, plain, primary
from resviz.gui.train.recipe_page import RecipePage
from resviz.gui.train.training_setup import CHOICES, DEPTHS, TrainingSetup
from resviz.training.recipe import MAX_STEPS

_BUTTONS = {  # state: (the main button's text, step, stop)
    "idle": (_("▶  Start"), False, False),
    "again": (_("▶  Start again"), False, False),
    "preparing": (_("preparing …"), False, True),
    "running": (_("❚❚  Pause"), False, True),
    "paused": (_("▶  Continue"), True, True),
    "stopping": (_("stopping …"), False, False),
    "following": (_("following …"), False, True),
}
_DEVICES = (("auto", _("fastest")), ("cpu", "CPU"))
_DEVICE_TIPS = {
    "auto": _("Train on a GPU if one works, and on the CPU otherwise. This holds from the next start on."),
    "cpu": _("Train on the CPU, from the next start on."),
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
    lesson_wanted_back = Signal()
    previous_pressed = Signal()
    compare_pressed = Signal()
    chip_clicked = Signal(str, str)
    """A setting and its value, chosen by a click on a chip: training starts again."""
    steps_changed = Signal(int)
    rate_typed = Signal(str)
    """A learning rate: of the training that is under way, or of the next one."""
    device_chosen = Signal(str)
    step_chosen = Signal(int)
    number_clicked = Signal(str)
    fetch_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lesson_chooser = StillComboBox()
        self.lesson_chooser.setAccessibleName(_("lesson"))
        self.lesson_chooser.setToolTip(_("Choose a lesson: its nets, its recipe, and what to look at."))
        for lesson in lessons():
            self.lesson_chooser.addItem(_(lesson.title), lesson.name)
        self.lesson_chooser.setPlaceholderText(_("Lesson: none, nets of your own"))
        self.lesson_chooser.setMaxVisibleItems(20)
        limit_width(self.lesson_chooser, 330)
        self.lesson_chooser.activated.connect(self._lesson_activated)
        self.main = primary(_("▶  Start"))
        fix_width(self.main, 132)
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
        self.target = NumberBox(_("step to run to"), 1, MAX_STEPS)
        fix_width(self.target, 72)
        self.target.setValue(20)
        self.target.setToolTip(_("Set the step at which Run to pauses."))
        self.previous = QPushButton(_("Previous run"))
        self.previous.setToolTip(_("Go back to the run before this one, with its settings."))
        self.previous.clicked.connect(self.previous_pressed)
        self.previous.setEnabled(False)
        self.title = FittingLabel()
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
        self.compare = QPushButton()
        self.compare.setToolTip(_("Show these runs in Compare, with the table of their final errors."))
        self.compare.clicked.connect(self.compare_pressed)
        self.compare.hide()
        self.readout = self._rich_label()
        self.readout.linkActivated.connect(self.number_clicked)
        self.lesson = self._rich_label()
        self.lesson.linkActivated.connect(self.number_clicked)
        self.settings: dict[str, Chips] = {}
        self.steps = NumberBox(_("steps"), 1, MAX_STEPS)
        fix_width(self.steps, 72)
        self.steps.setSingleStep(100)
        self.steps.setToolTip(_("Set the number of steps to train. It holds from the next start on."))
        self.steps.valueChanged.connect(self.steps_changed)
        self.rate = QLineEdit()
        self.rate.setAccessibleName(_("learning rate"))
        self.rate.setToolTip(
            plain(_("Change the learning rate. While a training runs, its next steps use the new rate."))
        )
        fix_width(self.rate, 64)
        self.rate.editingFinished.connect(self._rate_edited)
        self.device = Chips(_DEVICES, _("device"))
        for device, tip in _DEVICE_TIPS.items():
            self.device.button(device).setToolTip(tip)
        self.device.chosen.connect(self.device_chosen)
        self.recipe_page = RecipePage()
        self.grid = PanelGrid(train_views(), _PLACES, _ROWS, _COLUMNS)
        self.grid.step_chosen.connect(self.step_chosen)
        self.panels = self.grid.panels
        self._lay_out()

    def set_setup(self, setup: TrainingSetup) -> None:
        """Show the settings of the next training, without signals."""
        self.lesson_chooser.setCurrentIndex(self.lesson_chooser.findData(setup.lesson.name))
        for field, chips in self.settings.items():
            chips.set_choice(setup.value(field))
        self.settings["depth"].setEnabled(bool(setup.depths))
        self.device.set_choice(setup.device)
        self.settings["init"].button("normal").setText(f"N(0, {setup.config.init_std:g}²)")
        self.steps.blockSignals(True)
        self.steps.setValue(setup.config.steps)
        self.steps.blockSignals(False)
        self.recipe_page.set_setup(setup)

    def set_rate(self, rate: float) -> None:
        """Show the learning rate, unless the user is typing one."""
        if not (self.rate.hasFocus() and self.rate.isModified()):
            self.rate.setText(f"{rate:.4g}")

    def set_state(self, state: str) -> None:
        """Show what the buttons do: idle, again (after a run), preparing, running, paused, stopping or following."""
        text, step, stop = _BUTTONS[state]
        self.main.setText(text)
        self.main.setEnabled(state not in ("preparing", "stopping", "following"))
        self.step.setEnabled(step)
        self.stop.setEnabled(stop)
        self.run_to.setEnabled(state not in ("preparing", "stopping", "following"))
        for control in self._of_next_run:
            control.setEnabled(state != "following")

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
        self.lesson.setVisible(bool(html) and not self.problem.text())

    def set_problem(self, text: str) -> None:
        """Show a problem in place of the lesson's text, so that the plots don't move. "" hides it."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.lesson.setVisible(bool(self.lesson.text()) and not text)

    def set_fetch(self, text: str) -> None:
        """Show the button that fetches missing data, or stops. "" hides it."""
        self.fetch.setText(text)
        self.fetch.setVisible(bool(text))

    def set_compare(self, text: str) -> None:
        """Show the button that compares the runs that have ended. "" hides it."""
        self.compare.setText(text)
        self.compare.setVisible(bool(text))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.lesson_chooser)
        top.addWidget(self.title, 1)
        for button in (self.main, self.step, self.stop, self.run_to, self.target, self.previous):
            top.addWidget(button)
        settings: list[QWidget] = []
        for choice in CHOICES:
            several = DEPTHS if choice.field == "depth" else ""
            chips = Chips([(value, text) for value, text, _why in choice.values], choice.title, several=several)
            for value, _title, explanation in choice.values:
                more = " " + _("Ctrl and a click add a depth.") if several else ""
                chips.button(value).setToolTip(plain(explanation + more))
            chips.chosen.connect(partial(self.chip_clicked.emit, choice.field))
            self.settings[choice.field] = chips
            settings += [labelled(choice.title, chips)]
        settings += [labelled(_("learning rate"), self.rate), self.recipe]
        choices = FlowLayout(settings, spacing=8)
        course = QHBoxLayout()
        course.setSpacing(10)
        course.addWidget(self.step_cursor, 1)
        of_start = [labelled(_("steps"), self.steps), labelled(_("device"), self.device)]
        for control in of_start:
            course.addWidget(control)
        self._of_next_run = [*settings, *of_start]
        """What Start would train. It says nothing about a run of another program."""

        readout_frame = QFrame()
        readout_frame.setObjectName("panel")
        inside = QVBoxLayout(readout_frame)
        inside.setContentsMargins(SPACING, 5, SPACING, 5)
        inside.setSpacing(3)
        for label in (self.problem, self.lesson, self.readout):
            inside.addWidget(label)
        offers = QHBoxLayout()
        offers.addWidget(self.fetch)
        offers.addWidget(self.compare)
        offers.addStretch(1)
        inside.addLayout(offers)

        self._pages = QStackedWidget()
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self.recipe_page)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(top)
        column.addLayout(choices)
        column.addLayout(course)
        column.addWidget(self._pages, 1)
        column.addWidget(readout_frame)

    @staticmethod
    def _rich_label() -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        label.hide()
        return label

    @Slot(int)
    def _lesson_activated(self, index: int) -> None:
        self.lesson_chosen.emit(self.lesson_chooser.itemData(index))

    @Slot()
    def _run_to_clicked(self) -> None:
        self.run_to_pressed.emit(self.target.value())

    @Slot()
    def _rate_edited(self) -> None:
        if self.rate.isModified():
            self.rate.setModified(False)
            self.rate_typed.emit(self.rate.text())

    @Slot(bool)
    def _show_recipe(self, shown: bool) -> None:
        self._pages.setCurrentIndex(int(shown))
        self.recipe.setText(_("Back to the views") if shown else _("Recipe …"))
