"""COMPARE's layout: the runs and what differs, the overlaid curves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from resviz.gui.compare.run_table import RunTable
from resviz.gui.plots.curves import CurvePlot
from resviz.gui.plots.nets import BACKWARD_AXIS, DEPTH_AXIS
from resviz.gui.theme import SPACING
from resviz.gui.widgets import Chips, Panel, dim
from resviz.training.quantities import RESPONSE, RESPONSE_GRADIENT

_MOST_DIFFERENCES = 40


class CompareView(QWidget):
    """Setters in, signals out."""

    refresh_wanted = Signal()
    curve_changed = Signal(str)
    step_changed = Signal(str)
    quantity_changed = Signal(str)
    order_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunTable()
        self.count = dim()
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.reread = QPushButton("Look again")
        self.reread.setObjectName("chip")
        self.reread.setToolTip("Reads the folder of runs again")
        self.reread.clicked.connect(self.refresh_wanted)
        self.differences = QTableWidget()
        self.differences.setAccessibleName("differences")
        self.differences.verticalHeader().hide()
        self.differences.verticalHeader().setDefaultSectionSize(22)
        self.differences.setShowGrid(False)
        self.differences.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.differences.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.differences.setFocusPolicy(Qt.FocusPolicy.NoFocus)

        self.loss = CurvePlot("step", "cross-entropy (nats)")
        self.gradient = CurvePlot(BACKWARD_AXIS, RESPONSE_GRADIENT.label, log_y=True)
        self.responses = CurvePlot(DEPTH_AXIS, RESPONSE.label, from_zero=True)
        self.curve = self._chips((("loss", "loss"), ("error", "error"), ("held_out_error", "held-out")), "curve")
        self.curve.chosen.connect(self.curve_changed)
        self.quantity = self._chips((("response_gradient", "responses"), ("weight_gradient", "weights")), "gradient")
        self.quantity.chosen.connect(self.quantity_changed)
        self.step = self._chips((("first", "step 0"), ("last", "last step")), "step")
        self.step.chosen.connect(self.step_changed)
        self.order = self._chips((("layer", "in order"), ("magnitude", "by magnitude")), "order")
        self.order.chosen.connect(self.order_changed)
        self._lay_out()

    def set_count(self, text: str) -> None:
        self.count.setText(text)

    def set_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def set_step(self, text: str) -> None:
        """Which step the pictures against depth are of."""
        self._gradient_panel.heading.setText(f"Gradient, {text}")
        self._responses_panel.heading.setText(f"Responses, {text}")

    def set_differences(self, names: list[str], rows: list[tuple[str, list[str]]]) -> None:
        """`names` head the columns; a row is a setting or a result and its text for each."""
        table = self.differences
        rows = rows[:_MOST_DIFFERENCES]
        table.setColumnCount(1 + len(names))
        table.setHorizontalHeaderLabels(["what differs", *names])
        table.setRowCount(len(rows))
        for row, (name, texts) in enumerate(rows):
            for column, text in enumerate((name, *texts)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                table.setItem(row, column, item)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    @staticmethod
    def _chips(choices: tuple[tuple[str, str], ...], name: str) -> Chips:
        chips = Chips(choices, name)
        chips.set_choice(choices[0][0])
        return chips

    def _lay_out(self) -> None:
        runs = Panel("Runs")
        runs.add_to_header(self.count)
        runs.add_to_header(self.reread)
        runs.body.addWidget(dim("A click shows a run, or takes it away; two are laid over each other."))
        runs.body.addWidget(self.problem)
        runs.body.addWidget(self.runs, 1)
        differences = Panel("Differences")
        differences.body.addWidget(self.differences, 1)
        left = QVBoxLayout()
        left.setSpacing(SPACING)
        left.addWidget(runs, 58)
        left.addWidget(differences, 42)

        loss = Panel("Training")
        loss.add_to_header(self.curve)
        loss.body.addWidget(self.loss, 1)
        self._gradient_panel = gradient = Panel("")
        gradient.add_to_header(self.quantity)
        gradient.add_to_header(self.step)
        gradient.body.addWidget(self.gradient, 1)
        self._responses_panel = responses = Panel("")
        responses.add_to_header(self.order)
        responses.body.addWidget(self.responses, 1)
        right = QGridLayout()
        right.setSpacing(SPACING)
        right.addWidget(gradient, 0, 0, 1, 2)
        right.addWidget(loss, 1, 0)
        right.addWidget(responses, 1, 1)
        right.setRowStretch(0, 54)
        right.setRowStretch(1, 46)
        right.setColumnStretch(0, 1)
        right.setColumnStretch(1, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addLayout(left, 48)
        row.addLayout(right, 52)
