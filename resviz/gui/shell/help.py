"""Help: what has the keyboard explained, the sheet of shortcuts, the glossary, and what Resviz is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWhatsThis,
    QWidget,
)

import resviz
from resviz.base.glossary import terms
from resviz.base.translation import _
from resviz.gui.actions.action_table import ACTIONS, MENUS, PAGES
from resviz.gui.actions.actions import shortcut_text
from resviz.gui.style.display import display_text
from resviz.gui.style.widgets import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.actions.actions import Actions

CITATION = "Resviz developers. Resviz: explore, train and compare residual networks. 2026."
LICENCE = "BSD-3-Clause"


def explain_widget(widget: QWidget, page: str) -> None:
    """Show beside a widget what it is for, and the keys of its page."""
    QWhatsThis.showText(widget.mapToGlobal(QPoint(0, widget.height())), explanation(widget, page), widget)


def explanation(widget: QWidget, page: str) -> str:
    """Return a widget's name, what it (or what it lies in) is for, and its page's keys."""
    around: QWidget | None = widget
    while around is not None and not (around.whatsThis() or around.toolTip()):
        around = around.parentWidget()
    name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
    parts = [f"<b>{escape(name[:1].upper() + name[1:])}</b>"] if name else []
    if around is not None:
        text = around.whatsThis() or around.toolTip()
        parts.append(text if text.startswith("<") else plain(text))
    keys = [f"{shortcut_text(info)}: {info.title.rstrip('…')}" for info in ACTIONS if info.keys and page in info.pages]
    heading = _("Keys on the page {page}").format(page=dict(PAGES)[page])
    parts.append(plain("\n".join([heading, *keys])) if keys else "")
    parts.append(plain(_("Ctrl+/ lists all shortcuts, and Ctrl+K finds what can be done.")))
    return "<br><br>".join(filter(None, parts))


def window_information() -> str:
    """Return versions, system, folders and display as lines, for a bug report."""
    from resviz.experiments.system_information import as_text, system_information

    return as_text(system_information() | {_("Display"): display_text()})


class _TableDialog(QDialog):
    """A table that a field filters."""

    def __init__(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._rows = rows
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Filter"))
        self.field.setAccessibleName(_("filter"))
        self.field.setToolTip(_("Show only the rows with these words."))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.table = QTableWidget(len(rows), len(headings))
        self.table.setAccessibleName(title)
        self.table.setHorizontalHeaderLabels(list(headings))
        self.table.verticalHeader().hide()
        # At every change of a width: before it is shown, a column has another one.
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
                self.table.setItem(row, column, item)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(headings) - 1, QHeaderView.ResizeMode.Stretch)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_ = QVBoxLayout(self)
        column_.addWidget(self.field)
        column_.addWidget(self.table, 1)
        column_.addWidget(buttons)
        self.resize(min(860, parent.width() - 60), min(600, parent.height() - 60))

    @Slot(str)
    def _filter(self, typed: str) -> None:
        words = typed.lower().split()
        for row, texts in enumerate(self._rows):
            self.table.setRowHidden(row, not all(word in " ".join(texts).lower() for word in words))


class ShortcutSheet(_TableDialog):
    """Every action with its keys, made from the action table."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        pages, menus = dict(PAGES), {key: title.replace("&", "") for key, title in MENUS}
        rows = [
            (
                shortcut_text(info),
                info.title.rstrip("…"),
                ", ".join(pages[page] for page in info.pages) or _("everywhere"),
                f"{menus[info.menu]}: {info.tip}",
            )
            for info in actions.infos
        ]
        super().__init__(
            _("Keyboard shortcuts"), (_("keys"), _("action"), _("page"), _("menu, and what it does")), rows, parent
        )


class GlossaryDialog(_TableDialog):
    """Every technical word, explained."""

    def __init__(self, parent: QWidget) -> None:
        rows = [(term.local_name, _(term.text), term.source) for term in terms().values()]
        super().__init__(_("Glossary"), (_("word"), _("meaning"), _("source")), rows, parent)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(2, 200)


class AboutDialog(QDialog):
    """Version, licence and citation, and the system information to copy."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About Resviz"))
        text = QLabel(
            plain(
                _(
                    "Resviz {version}\nSee what depth does to a convolutional network, and what shortcuts change.\n\n"
                    "Licence: {licence}\nTo cite Resviz: {citation}"
                ).format(version=resviz.__version__, licence=LICENCE, citation=CITATION)
            )
        )
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.information = QLabel(window_information())
        self.information.setTextFormat(Qt.TextFormat.PlainText)
        self.information.setObjectName("dim")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(_("Copy system information"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.setToolTip(_("Copy versions, device, display and folders, for a bug report."))
        self.copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (text, self.information, buttons):
            column.addWidget(widget)

    @Slot()
    def _copy(self) -> None:
        QApplication.clipboard().setText(self.information.text())
