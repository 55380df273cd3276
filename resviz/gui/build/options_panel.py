"""The options of the chosen net, each with what it does and where it is from."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from resviz.gui.choices import Choice
from resviz.gui.widgets import Chips, ElidedLabel, Panel, dim
from resviz.nets.blocks import has_bottleneck
from resviz.nets.op import show
from resviz.nets.spec import NetSpec

OPTIONS = (
    Choice(
        "unit",
        "unit",
        (
            ("plain", "plain", "y = F(x), no shortcut (3.3)"),
            ("residual", "residual", "y = F(x) + x (eq. 1)"),
            ("preactivation", "pre-act.", "norm, ReLU before conv (2016)"),
            ("highway", "highway", "y = H·T + x·(1−T) (2015)"),
        ),
    ),
    Choice(
        "shortcut",
        "shortcut",
        (
            ("A", "A", "zero padding, no parameters"),
            ("B", "B", "1×1 projection where it grows"),
            ("C", "C", "every one a 1×1 projection"),
        ),
    ),
    Choice(
        "stride_in",
        "stride in",
        (
            ("first", "first", "in its first 1×1: the paper"),
            ("3x3", "3×3", "in its 3×3: torchvision"),
        ),
    ),
    Choice(
        "norm",
        "normalise",
        (
            ("batch", "batch", "after each convolution (3.4)"),
            ("none", "none", "none, as before 2015"),
        ),
    ),
    Choice(
        "activation",
        "activation",
        (
            ("relu", "ReLU", "max(0, x): the paper"),
            ("prelu", "PReLU", "learned slopes (He 2015)"),
            ("leaky_relu", "leaky", "slope 0.01 below 0"),
            ("sigmoid", "sigmoid", "slope at most 0.25"),
            ("tanh", "tanh", "slope at most 1"),
        ),
    ),
)


class OptionsPanel(Panel):
    """Emits the field and the value that a person chose, as NetSpec takes it."""

    changed = Signal(str, str)
    reset = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._reset = QPushButton("Back to the paper's")
        self._reset.setObjectName("chip")
        self._reset.setToolTip("Puts this column back to what the paper prints")
        self._reset.clicked.connect(self.reset)
        self.add_to_header(self._reset)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(2, 1)
        self.chips: dict[str, Chips] = {}
        self._explanations: dict[str, QLabel] = {}
        for row, option in enumerate(OPTIONS):
            chips = Chips([(value, text) for value, text, _ in option.values], option.title)
            chips.chosen.connect(self._chosen)
            chips.setProperty("field", option.field)
            for value, _, explanation in option.values:
                chips.button(value).setToolTip(explanation)
            self.chips[option.field] = chips
            self._explanations[option.field] = ElidedLabel()
            grid.addWidget(dim(option.title), row, 0)
            grid.addWidget(chips, row, 1)
            grid.addWidget(self._explanations[option.field], row, 2)
        self.input = self._text_field("input", "channels × height × width")
        self.classes = self._text_field("classes", "outputs of the last layer")
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        for widget in (self.input, dim("classes"), self.classes):
            numbers.addWidget(widget)
        numbers.addStretch(1)
        grid.addWidget(dim("input"), len(OPTIONS), 0)
        grid.addLayout(numbers, len(OPTIONS), 1)
        grid.addWidget(ElidedLabel("channels × height × width"), len(OPTIONS), 2)
        self.body.addLayout(grid)
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        # Its room of two lines is always there, so that the cell that is being typed into stays where it is.
        self.problem.setMinimumHeight(2 * self.problem.fontMetrics().height() + 8)
        room = self.problem.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self.problem.setSizePolicy(room)
        self.problem.hide()
        self.body.addWidget(self.problem)

    def set_spec(self, spec: NetSpec, changed: bool, typed: dict[str, str]) -> None:
        """Shows a net's options; `changed` says whether it is no longer the paper's, `typed` what is no option yet."""
        self.heading.setText(spec.label + (" (changed)" if changed else ""))
        self._reset.setVisible(changed)
        for option in OPTIONS:
            value = getattr(spec, option.field)
            self.chips[option.field].set_choice(value)
            self._explanations[option.field].setText(next((why for key, _, why in option.values if key == value), ""))
        residual = spec.has_shortcuts
        self.chips["shortcut"].setEnabled(residual)
        if not residual:
            self.chips["shortcut"].set_choice("")
            self._explanations["shortcut"].setText(f"a {spec.unit} net has none")
        bottleneck = has_bottleneck(spec) and spec.shrink == "stride"
        self.chips["stride_in"].setEnabled(bottleneck)
        if not bottleneck:
            self.chips["stride_in"].set_choice("")
            self._explanations["stride_in"].setText("only a bottleneck has the choice")
        for name, field, text in (
            ("input", self.input, show(spec.input)),
            ("classes", self.classes, str(spec.classes)),
        ):
            if not field.hasFocus():
                field.setText(typed.get(name, text))

    def set_problem(self, text: str) -> None:
        """Why the last thing typed is no net; "" takes the message away."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _text_field(self, name: str, tip: str) -> QLineEdit:
        field = QLineEdit()
        field.setFixedWidth(96)
        field.setAccessibleName(name)
        field.setToolTip(tip)
        field.setProperty("field", name)
        field.textEdited.connect(self._typed)
        return field

    @Slot(str)
    def _chosen(self, value: str) -> None:
        self.changed.emit(self.sender().property("field"), value)

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.changed.emit(self.sender().property("field"), text)
