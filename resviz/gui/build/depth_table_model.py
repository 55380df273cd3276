"""The depth table's contents: table 1 as the paper prints it, a column a net, and the totals below."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from resviz.analysis.counts import MULTIPLY_ADDS, exact, short
from resviz.gui.build.column import HEAD, STEM, Column
from resviz.nets.notation import Drop

Index = QModelIndex | QPersistentModelIndex
TOTALS = ("weight layers", "parameters", "FLOPs", "paper prints")
ROW_NAME, OUTPUT, FIRST_NET = 0, 1, 2
"""Table columns: the row's name, the chosen net's output size, then the nets."""


@dataclass(frozen=True)
class Draft:
    """A cell's text that is no net, and why; the net on screen is the last that was one."""

    text: str
    reason: str


class DepthTableModel(QAbstractTableModel):
    """Rows are a net's stem, stages and head, then its totals."""

    cell_edited = Signal(int, str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.columns: list[Column] = []
        self.drafts: dict[tuple[int, str], Draft] = {}
        self.rows: list[str] = []
        self.chosen = 0
        self._stage_names: list[str] = []

    def set_columns(self, columns: list[Column], drafts: dict[tuple[int, str], Draft], chosen: int) -> None:
        self._stage_names = max((column.stage_names() for column in columns), key=len, default=[])
        stem = [STEM] if any(column.spec.stem.parts for column in columns) else []
        rows = [*stem, *map(str, range(len(self._stage_names))), HEAD, *TOTALS]
        same_shape = rows == self.rows and len(columns) == len(self.columns)
        if not same_shape:
            self.beginResetModel()
        self.columns, self.drafts, self.rows, self.chosen = list(columns), dict(drafts), rows, chosen
        if not same_shape:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns) + FIRST_NET

    def stage_index(self, row: str) -> int | None:
        """The number of a row that is a stage; None for the others."""
        return int(row) if row.isdigit() else None

    def row_name(self, row: str) -> str:
        """What stands at the left of a row: the stage's name in the deepest net of the table."""
        return self._stage_names[int(row)] if row.isdigit() else row

    def editable(self, index: Index) -> bool:
        return index.column() >= FIRST_NET and self.rows[index.row()] not in TOTALS

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.editable(index) else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("", "output")[section] if section < FIRST_NET else self.columns[section - FIRST_NET].spec.label
        if role == Qt.ItemDataRole.ToolTipRole and section >= FIRST_NET:
            spec = self.columns[section - FIRST_NET].spec
            return f"{spec.name}: {spec.unit}, shortcut {spec.shortcut}, normalisation {spec.norm}"
        return None

    def draft(self, index: Index) -> Draft | None:
        return self.drafts.get((index.column() - FIRST_NET, self.rows[index.row()]))

    def net(self, index: Index) -> Column | None:
        """The net whose column this is; None left of the nets."""
        return self.columns[index.column() - FIRST_NET] if index.column() >= FIRST_NET else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, net, draft = self.rows[index.row()], self.net(index), self.draft(index)
        if role == Qt.ItemDataRole.EditRole and net:
            return draft.text if draft else pretty(net.cell(row))
        if role == Qt.ItemDataRole.DisplayRole:
            if net is None:
                return self.row_name(row) if index.column() == ROW_NAME else self.columns[self.chosen].output_size(row)
            return draft.text if draft else _text(net, row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return draft.reason if draft else self._tip(net, row)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self.editable(index):
            return False
        self.cell_edited.emit(index.column() - FIRST_NET, self.rows[index.row()], str(value))
        return True

    def _tip(self, net: Column | None, row: str) -> str | None:
        if net is None and row == "paper prints":
            return "what He et al. 2015 print; ✓ it is what is computed, ≈ cut off instead of rounded, ≠ it differs"
        if net is None:
            return f"height × width behind this row, in {self.columns[self.chosen].spec.label}"
        if row == "FLOPs":
            return f"{exact(net.counts.flops)}\n{MULTIPLY_ADDS.text}"
        if row == HEAD:
            return f"{pretty(net.cell(row))}; then fc to the {net.spec.classes} classes, and softmax in the loss"
        if row == "parameters":
            return exact(net.counts.parameters)
        if row == "weight layers":
            return "convolutions and fully connected layers, projections on shortcuts not counted (the paper's depth)"
        if row == "paper prints" and net.claim:
            claim = net.claim
            reason = f"\n{claim.why}" if claim.why else ""
            return f"{claim.source}: {claim.printed_number} {claim.what}; {claim.verdict}{reason}"
        return None


def pretty(cell: str) -> str:
    """A cell's text with the paper's signs: [3×3, 64; 3×3, 64] ×3."""
    return re.sub(r"(?<=\d)x(?=\d)|x(?=\d+$)", "×", cell).replace(",", ", ")


def _text(column: Column, row: str) -> str:
    if row == "weight layers":
        return str(column.counts.weight_layers)
    if row == "parameters":
        return short(column.counts.parameters)
    if row == "FLOPs":
        return short(column.counts.flops)
    if row == "paper prints":
        if column.claim is None:
            return "—"
        sign = "✓" if column.claim.agrees else "≈" if column.claim.agrees_cut_off else "≠"
        return f"{sign} {column.claim.printed_label}"
    if row == HEAD:
        # As the papers print it: every fully connected layer, the last one too, and no dropout.
        parts = [str(part) for part in column.spec.head.parts if not isinstance(part, Drop)]
        return pretty("; ".join([*parts, f"fc {column.spec.classes}"]))
    return pretty(column.cell(row))
