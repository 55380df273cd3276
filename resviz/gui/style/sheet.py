"""A dialog that asks for something, and says why an answer can't be accepted."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QWidget


class Sheet(QDialog):
    """Has a place for the problem and two buttons, Cancel and the one that accepts. A subclass lays them out."""

    def __init__(self, title: str, accept: str, tip: str, parent: QWidget | None = None) -> None:
        """Make a sheet with the window's `title`; its accepting button has the text `accept` and the tooltip `tip`."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)  # names of nets and columns come from strangers
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
        self.accept_button.setToolTip(tip)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def show_problem(self, text: str) -> None:
        """Show why the answers can't be accepted; "" accepts them."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.accept_button.setEnabled(not text)
