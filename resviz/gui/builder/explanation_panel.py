"""The sum behind the figure that was clicked."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QTextBrowser, QWidget

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.widgets import Panel

if TYPE_CHECKING:
    from resviz.analysis.explanation import Explanation

HINT = _("Click any number to see how it was computed: a total in the depth table, a number of a layer, a bar.")


class ExplainPanel(Panel):
    """A panel that shows how a number was computed."""

    copy_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Explain this number"), parent)
        self.text = QTextBrowser()
        self.text.setAccessibleName(_("how the number was computed"))
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.document().setDocumentMargin(0)
        self.body.addWidget(self.text, 1)
        self.copy = QPushButton(_("Copy"))
        self.copy.setObjectName("chip")
        self.copy.setToolTip(_("Copy the calculation as text, with its formula, convention and source."))
        self.copy.clicked.connect(self._copy)
        self.add_to_header(self.copy)
        self.explanation: Explanation | None = None
        self._show()
        theme.changed().connect(self._show)

    @Slot()
    def _copy(self) -> None:
        if self.explanation is not None:
            self.copy_wanted.emit(self.explanation.text)

    def set_explanation(self, explanation: Explanation | None) -> None:
        """Show how a number was computed. With None, say how to choose a number."""
        if explanation != self.explanation:
            self.explanation = explanation
            self._show()

    @Slot()
    def _show(self) -> None:
        colours, shown = theme.current(), self.explanation
        self.copy.setVisible(shown is not None)
        dim = f"color:{colours.dim}"
        if shown is None:
            self.text.setHtml(f"<p style='{dim}'>{HINT}</p>")
            return
        lines = [f"<div><b>{escape(shown.title)}</b></div>"]
        for line in shown.lines:
            what = f"<span style='{dim}'>{escape(line.what)}</span>&nbsp; " if line.what else ""
            lines.append(f"<div>{what}{_unbroken(line.formula)} = <b>{_unbroken(line.value)}</b></div>")
        if not shown.lines:
            lines.append(f"<div><b>{_unbroken(shown.value)}</b></div>")
        notes = [shown.formula, shown.convention, shown.source]
        small = [f"<div style='{dim}; font-size:8.5pt; margin-top:3px'>{escape(note)}</div>" for note in notes if note]
        self.text.setHtml("".join((*lines, *small)))


def _unbroken(text: str) -> str:
    """Return a number's digits stay in one line."""
    return re.sub(r"(?<=\d) (?=\d)", "&nbsp;", escape(text))
