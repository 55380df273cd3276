"""The claims as a table: source, what, printed, computed, verdict, why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.focus_delegate import FocusDelegate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

Index = QModelIndex | QPersistentModelIndex
Claim = dict[str, str]
"""As `resviz check --json` has it."""
COLUMNS = {
    "source": _("source"),
    "what": _("what"),
    "printed": _("printed"),
    "computed": _("computed"),
    "verdict": _("verdict"),
    "why": _("why"),
}
"""The keys of a claim that have a column, and the columns' headings."""
_KEYS = tuple(COLUMNS)
_RIGHT = ("printed", "computed")
_ARXIV = re.compile(r", arXiv [\d.]+")
"""Left out of a row for want of room; the row's tip has it."""
_VERDICTS = {"agrees": _("✓ agrees"), "differs": _("≠ differs"), "measured elsewhere": _("measured elsewhere")}
_WIDTHS = {"source": 165, "what": 230, "printed": 95, "computed": 135, "verdict": 125}
_SHARE = 0.78
"""The share of a narrow table's width that all columns but the last may take."""


def verdict_text(claim: Claim) -> str:
    """Return all of a claim, in a sentence or two."""
    sentence = {
        "agrees": _("{source}, {what}: printed {printed}, computed {computed}. The numbers agree."),
        "differs": _("{source}, {what}: printed {printed}, computed {computed}. The numbers differ: {why}."),
        "measured elsewhere": _("{source}, {what}: printed {printed}. Not computed: {why}."),
    }[claim["verdict"]]
    return sentence.format_map({**claim, "why": claim["why"] or _("the reason is not known")})


class ClaimModel(QAbstractTableModel):
    """The claims that the filter lets through, one row each."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.claims: list[Claim] = []

    def set_claims(self, claims: Sequence[Claim]) -> None:
        """Show other claims."""
        self.beginResetModel()
        self.claims = list(claims)
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.claims)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_KEYS)

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[_KEYS[section]]
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        claim, column = self.claims[index.row()], _KEYS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            text = _ARXIV.sub("", claim[column]) if column == "source" else claim[column]
            return _VERDICTS[text] if column == "verdict" else text
        if role == Qt.ItemDataRole.ToolTipRole:
            return verdict_text(claim)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            colours = theme.current()
            if column == "verdict":
                by_verdict = {"agrees": colours.good, "differs": colours.warn}
                return QColor(by_verdict.get(claim["verdict"], colours.dim))
            return QColor(colours.dim if column == "source" else colours.text)
        return None


class ClaimTable(QTableView):
    """The table of claims. `chosen` is emitted with the selected claim."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabKeyNavigation(False)  # Tab leaves the table, the arrow keys move in it
        self.setAccessibleName(_("printed and computed numbers"))
        self.setWhatsThis(
            _(
                "Every number that a paper or a lecture prints, beside the number that Resviz computes. "
                "A double click opens the net and shows the sum."
            )
        )
        self.claims = ClaimModel(self)
        self.setModel(self.claims)
        self.setItemDelegate(FocusDelegate(self))
        self.selectionModel().currentRowChanged.connect(self._current)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the rest of the width to the reasons, in a narrow table too."""
        super().resizeEvent(event)
        room = min(1.0, _SHARE * self.viewport().width() / theme.scaled(sum(_WIDTHS.values())))
        for column, width in _WIDTHS.items():
            self.setColumnWidth(_KEYS.index(column), int(theme.scaled(width) * room))

    @Slot(QModelIndex, QModelIndex)
    def _current(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.claims.claims[index.row()])
