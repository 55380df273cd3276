"""Asks for a model of another program: where it is from, what it reads, and what it is built with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, Slot
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from resviz.base.errors import NetError, ResvizError
from resviz.base.translation import _
from resviz.capturing.model_names import callables_of
from resviz.capturing.model_source import FILES, GRAPH_ENDING, parse_source
from resviz.gui.style.widgets import dim, plain
from resviz.nets import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.capturing.model_source import ModelSource
    from resviz.nets.spec import NetSpec

_WIDTH = 520
_SHOWN_NAMES = 12


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
        self.problem = ""
        """Why what was asked for before could not be opened."""
        self.source: ModelSource | None = None
        self.spec: NetSpec | None = None
        self.model = self._line(
            "torchvision:resnet50",
            _("A model of torchvision, timm or transformers, a class in a Python file, or a model file."),
        )
        self.inputs = self._line("3x224x224", _("Shapes without the batch; spaces between several."))
        self.arguments = self._line("{'depth': 3}", _("A Python literal: what a class or function is called with."))
        self.names = QStringListModel([], self)
        completer = QCompleter(self.names, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(_SHOWN_NAMES)
        self.model.setCompleter(completer)
        self._library_names: tuple[str, ...] = ()
        self.file = QPushButton(_("File …"))
        self.file.setToolTip(plain(_("Choose a Python file or a model file.")))
        self.file.clicked.connect(self._choose_file)
        form = QFormLayout()
        first = QHBoxLayout()
        first.addWidget(self.model, 1)
        first.addWidget(self.file)
        self.model.setAccessibleName(_("model"))
        form.addRow(_("model"), first)
        for title, line in (
            (_("input, if not the usual one"), self.inputs),
            (_("arguments, if it takes any"), self.arguments),
        ):
            line.setAccessibleName(title)
            form.addRow(title, line)
        examples = dim("resnet50 · torchvision:vit_b_16 · timm:convnext_tiny · hf:bert · mymodel.py:Net · net.onnx")
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
        if text.lower().endswith(".py:"):
            self.set_file(Path(text[:-1]))
        else:
            self.model.setText(text)
        self._offer()
        self._check()

    def _line(self, example: str, tip: str) -> QLineEdit:
        line = QLineEdit()
        line.setPlaceholderText(example)
        line.setToolTip(plain(tip))
        line.textChanged.connect(self._check)
        line.textEdited.connect(self._forget_problem)
        return line

    @Slot()
    def _forget_problem(self) -> None:
        self.problem = ""
        self._check()

    @Slot()
    def _choose_file(self) -> None:
        endings = " ".join(f"*{ending}" for ending in (".py", *FILES, GRAPH_ENDING))
        path, _chosen = QFileDialog.getOpenFileName(self, _("Open a model"), "", f"{_('models')} ({endings})")
        if path:
            self.set_file(Path(path))

    def set_file(self, path: Path) -> None:
        """Ask for the model of a file: of Python code, for the class that looks like the whole net."""
        found = callables_of(path) if path.suffix.lower() == ".py" else ()
        self.model.setText(found[0] if found else f"{path}:" if path.suffix.lower() == ".py" else str(path))
        self._offer()

    def ask_again(self, inputs: str, arguments: str, problem: str) -> None:
        """Ask with what was typed before, and say what was wrong with it, until something else is typed."""
        self.inputs.setText(inputs)
        self.arguments.setText(arguments)
        self.problem = problem
        self._check()

    def add_names(self, names: Sequence[str]) -> None:
        """Offer models of a library too."""
        self._library_names += tuple(names)
        self._offer()

    def _offer(self) -> None:
        """Offer the models of the libraries, our nets where they are compared, and the classes of the file."""
        file = self.model.text().rpartition(":")[0]
        own = callables_of(Path(file)) if file.lower().endswith(".py") else ()
        self.names.setStringList([*own, *catalogue.names(), *self._library_names])

    @Slot()
    def _check(self) -> None:
        """Say what is wrong, or that code of a file will run."""
        text = self.model.text().strip()
        if text.lower().endswith(".py:"):
            self._offer()
        note, self.source, self.spec = "", None, None
        try:
            self.source = parse_source(text, tuple(self.inputs.text().split()), self.arguments.text())
        except ResvizError as error:
            note = str(error)
        if self.source is None:
            self.spec = _net_of_ours(text)
        if self.source is not None:
            note = self.source.warning
        elif text and not note and self.spec is None:
            note = _("{text} names no model. Write it like one of the examples.").format(text=text[:80])
        self.note.setText(plain("\n".join(filter(None, (self.problem, note)))))
        self.note.setObjectName("problem" if self.problem else "")
        self.note.style().polish(self.note)
        self.adjustSize()
        self.buttons.button(QDialogButtonBox.StandardButton.Open).setEnabled(
            self.source is not None or self.spec is not None
        )


def _net_of_ours(text: str) -> NetSpec | None:
    """Return the net of the catalogue that has this name."""
    try:
        return catalogue.find(catalogue.canonical_name(text)) if text else None
    except NetError:
        return None
