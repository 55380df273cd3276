"""TRAIN's layout: the controls, what was measured in a sentence, and four plots."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from resviz.gui.net_plots import BACKWARD_AXIS, DEPTH_AXIS
from resviz.gui.plots import CurvePlot
from resviz.gui.theme import SPACING
from resviz.gui.train.setup import CHOICES, Setup
from resviz.gui.widgets import Chips, Panel, dim, primary
from resviz.training.quantities import RESPONSE, RESPONSE_GRADIENT, WEIGHT_GRADIENT

_BUTTONS = {  # state: (the main button's text, step, stop)
    "idle": ("▶  Start", False, False),
    "again": ("▶  Start again", False, False),
    "preparing": ("preparing …", False, True),
    "running": ("❚❚  Pause", False, True),
    "paused": ("▶  Continue", True, True),
    "stopping": ("stopping …", False, False),
}


class TrainView(QWidget):
    """Setters in, signals out."""

    main_pressed = Signal()
    step_pressed = Signal()
    stop_pressed = Signal()
    setting_changed = Signal(str, str)
    loss_mode_changed = Signal(str)
    order_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.main = primary("▶  Start")
        self.main.setFixedWidth(140)
        self.main.clicked.connect(self.main_pressed)
        self.step = QPushButton("Step")
        self.step.setToolTip("One step of both nets; pause first")
        self.step.clicked.connect(self.step_pressed)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Ends the run; what was measured is kept")
        self.stop.clicked.connect(self.stop_pressed)
        self.title = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.status = dim()
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.readout = QLabel()
        self.readout.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setWordWrap(True)

        self.settings: dict[str, Chips] = {}
        self.steps = QSpinBox()
        self.steps.setRange(1, 100_000)
        self.steps.setSingleStep(100)
        self.steps.setFixedWidth(70)
        self.steps.lineEdit().setTextMargins(4, 0, 0, 0)
        self.steps.setAccessibleName("steps")
        self.steps.setKeyboardTracking(False)
        self.steps.valueChanged.connect(self._steps_changed)

        self.response_gradient = CurvePlot(BACKWARD_AXIS, RESPONSE_GRADIENT.axis, log_y=True)
        self.weight_gradient = CurvePlot(BACKWARD_AXIS, WEIGHT_GRADIENT.axis, log_y=True)
        self.loss = CurvePlot("step", "")
        self.responses = CurvePlot(DEPTH_AXIS, RESPONSE.axis, from_zero=True)
        self.loss_mode = Chips((("loss", "loss"), ("error", "error"), ("held_out_error", "held-out error")), "curve")
        self.loss_mode.set_choice("loss")
        self.loss_mode.chosen.connect(self.loss_mode_changed)
        self.order = Chips((("layer", "in order"), ("magnitude", "by magnitude")), "order")
        self.order.set_choice("layer")
        self.order.chosen.connect(self.order_changed)
        self._lay_out()

    def set_setup(self, setup: Setup) -> None:
        for field, chips in self.settings.items():
            chips.set_choice(getattr(setup, field))
        self.steps.blockSignals(True)
        self.steps.setValue(setup.steps)
        self.steps.blockSignals(False)

    def set_state(self, state: str) -> None:
        """What the buttons do now: idle, again (after a run), preparing, running, paused or stopping."""
        text, step, stop = _BUTTONS[state]
        self.main.setText(text)
        self.main.setEnabled(state not in ("preparing", "stopping"))
        self.step.setEnabled(step)
        self.stop.setEnabled(stop)
        # Nothing is known of how long torch takes to load: a bar that only moves.
        self.progress.setRange(0, 0 if state == "preparing" else max(1, self.progress.maximum()))

    def set_progress(self, done: int, of: int, text: str) -> None:
        self.progress.setRange(0, max(1, of))
        self.progress.setValue(done)
        self.status.setText(text)

    def set_title(self, html: str) -> None:
        self.title.setText(html)

    def set_readout(self, html: str) -> None:
        self.readout.setText(html)

    def set_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        for button in (self.main, self.step, self.stop):
            top.addWidget(button)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        for field, title, values in CHOICES:
            chips = Chips([(value, text) for value, text, _ in values], title)
            for value, _, explanation in values:
                chips.button(value).setToolTip(explanation)
            chips.setProperty("field", field)
            chips.chosen.connect(self._setting_chosen)
            self.settings[field] = chips
            choices.addWidget(dim(title))
            choices.addWidget(chips)
        choices.addWidget(dim("steps"))
        choices.addWidget(self.steps)
        choices.addStretch(1)
        bar = QHBoxLayout()
        bar.addWidget(self.progress, 1)
        bar.addWidget(self.status)

        said = QFrame()
        said.setObjectName("panel")
        inside = QVBoxLayout(said)
        inside.setContentsMargins(SPACING, 6, SPACING, 6)
        inside.addWidget(self.problem)
        inside.addWidget(self.readout)

        grid = QGridLayout()
        grid.setSpacing(SPACING)
        hero = self._panel(
            "Gradient of the responses, against depth", self.response_gradient, RESPONSE_GRADIENT.formula
        )
        weights = self._panel("Gradient of the weights, against depth", self.weight_gradient, WEIGHT_GRADIENT.formula)
        weights.add_to_header(dim("the layer's input × its response's gradient"))
        loss = self._panel("Training", self.loss, "of each step's batch; held-out error is of images not trained on")
        loss.add_to_header(self.loss_mode)
        responses = self._panel("Responses (figure 7)", self.responses, RESPONSE.formula)
        responses.add_to_header(self.order)
        for panel, row, column in ((hero, 0, 0), (weights, 1, 0), (loss, 0, 1), (responses, 1, 1)):
            grid.addWidget(panel, row, column)
        grid.setRowStretch(0, 58)
        grid.setRowStretch(1, 42)
        grid.setColumnStretch(0, 57)
        grid.setColumnStretch(1, 43)

        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(8)
        for layout in (top, choices, bar):
            column_.addLayout(layout)
        column_.addWidget(said)
        column_.addLayout(grid, 1)

    @staticmethod
    def _panel(title: str, plot: CurvePlot, formula: str) -> Panel:
        panel = Panel(title)
        panel.heading.setToolTip(formula)
        panel.body.addWidget(plot, 1)
        return panel

    @Slot(str)
    def _setting_chosen(self, value: str) -> None:
        self.setting_changed.emit(self.sender().property("field"), value)

    @Slot(int)
    def _steps_changed(self, value: int) -> None:
        self.setting_changed.emit("steps", str(value))
