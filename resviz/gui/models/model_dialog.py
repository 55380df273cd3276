"""Asks for a model of another program: where it is from, what it reads, and what it is built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from resviz.base.errors import NetError, ResvizError
from resviz.base.translation import _
from resviz.capturing.model_source import parse_source
from resviz.gui.style.widgets import dim, plain
from resviz.nets import catalogue

if TYPE_CHECKING:
    from resviz.capturing.model_source import ModelSource
    from resviz.nets.spec import NetSpec

_WIDTH = 520


class ModelDialog(QDialog):
    """`source` or `spec` is what was asked for, once the dialog was accepted."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, compares: str = "") -> None:
        """Ask for a model.

        Args:
            text: What is asked with: a file whose class is still to be named.
            parent: Parent of the dialog.
            compares: What the model is to be compared with. Then it may also be a net of Resviz.
        """
        super().__init__(parent)
        self.setWindowTitle(_("Compare {model} with").format(model=compares) if compares else _("Open a model"))
        self._compares = bool(compares)
        self.source: ModelSource | None = None
        self.spec: NetSpec | None = None
        self.model = self._line(
            "torchvision:resnet50",
            _("A model of torchvision, timm or transformers, a class in a Python file, or a model file."),
        )
        self.inputs = self._line("3x224x224", _("Shapes without the batch; spaces between several."))
        self.arguments = self._line("{'depth': 3}", _("A Python literal: what a class or function is called with."))
        form = QFormLayout()
        for title, line in (
            (_("model"), self.model),
            (_("input, if not the usual one"), self.inputs),
            (_("arguments, if it takes any"), self.arguments),
        ):
            line.setAccessibleName(title)
            form.addRow(title, line)
        own = "resnet50 · " if compares else ""
        examples = dim(f"{own}torchvision:vit_b_16 · timm:convnext_tiny · hf:bert · mymodel.py:Net · net.onnx")
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setMinimumWidth(_WIDTH)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(examples)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.model.setText(text)
        self._check()

    def _line(self, example: str, tip: str) -> QLineEdit:
        line = QLineEdit()
        line.setPlaceholderText(example)
        line.setToolTip(plain(tip))
        line.textChanged.connect(self._check)
        return line

    @Slot()
    def _check(self) -> None:
        """Say what is wrong, or that code of a file will run."""
        text = self.model.text().strip()
        note, self.source, self.spec = "", None, None
        try:
            self.source = parse_source(text, tuple(self.inputs.text().split()), self.arguments.text())
        except ResvizError as error:
            note = str(error)
        if self.source is None and self._compares:
            self.spec = _net_of_ours(text)
        if self.source is not None:
            note = self.source.warning
        elif text and not note and self.spec is None:
            note = _("{text} names no model. Write it like one of the examples.").format(text=text[:80])
        self.note.setText(plain(note))
        self.buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(
            self.source is not None or self.spec is not None
        )


def _net_of_ours(text: str) -> NetSpec | None:
    """Return the net of the catalogue that has this name."""
    try:
        return catalogue.find(catalogue.canonical_name(text)) if text else None
    except NetError:
        return None
