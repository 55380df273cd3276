"""The depth table's contents: table 1 as the paper prints it, a column a net, and the totals below."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from typing_extensions import override

from resviz.analysis.counts import MEMORY, MULTIPLY_ADDS, Convention, exact, short, short_bytes
from resviz.analysis.explanation import DEPTH
from resviz.base.translation import _
from resviz.gui.builder.cell_lines import layout_lines
from resviz.gui.builder.completion import pretty
from resviz.gui.builder.document import Document, InvalidText
from resviz.gui.builder.table_rows import CellRow, StageRow, TableRow, TotalRow
from resviz.nets.head_notation import Drop

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.analysis.counts import Counts
    from resviz.gui.builder.open_net import OpenNet

Index = QModelIndex | QPersistentModelIndex
ROW_NAME, OUTPUT, FIRST_NET = 0, 1, 2
"""Table columns: the row's name, the chosen net's output size, then the nets."""


class DepthTableModel(QAbstractTableModel):
    """Rows are a net's stem, stages and head, an empty one for the next stage, then its totals."""

    cell_edited = Signal(int, object, str)
    """A net, the row of the table that was edited, and its text."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.document = Document("", ())
        self.convention = MULTIPLY_ADDS
        self.rows: list[TableRow] = []

    @property
    def open_nets(self) -> list[OpenNet]:
        """The open nets, in the order of the columns."""
        return self.document.open_nets

    @property
    def selected_index(self) -> int:
        """Index of the selected net."""
        return self.document.selected_index

    def set_document(self, document: Document, convention: Convention) -> None:
        """Show other nets, or the same nets after an edit. The number of columns and rows may change."""
        rows = _rows(document)
        if len(document.nets) != len(self.document.nets):
            self.beginResetModel()
            self.document, self.convention, self.rows = document, convention, rows
            self.endResetModel()
            return
        before, heads = self.document, self._heads()
        self.document = document
        whole = self.rows != rows or convention != self.convention or before.open_nets[:1] != document.open_nets[:1]
        self.convention = convention
        self._take_rows(rows)
        if whole:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))
        else:  # cell by cell: a view draws all that it shows anew when it is told of several
            for column, row in product(self._changed_columns(before), range(len(rows))):
                self.dataChanged.emit(self.index(row, column), self.index(row, column))
        if heads != self._heads():  # their view has the whole table drawn anew
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def _changed_columns(self, before: Document) -> list[int]:
        """The columns that look otherwise than before, where rows and colours are the same. Drawing them takes long."""
        changed = {ROW_NAME, OUTPUT}
        for number, (old, new) in enumerate(zip(before.nets, self.document.nets, strict=True)):
            if new is not old:
                changed.add(number + FIRST_NET)
        if before.selected_index != self.selected_index:
            changed |= {before.selected_index + FIRST_NET, self.selected_index + FIRST_NET}
        return sorted(changed)

    def _take_rows(self, rows: list[TableRow]) -> None:
        """Rows that come and go between those that stay: a cell that is being typed into stays open."""
        same = 0
        while same < min(len(rows), len(self.rows)) and rows[same] == self.rows[same]:
            same += 1
        tail = 0
        while tail < min(len(rows), len(self.rows)) - same and rows[-1 - tail] == self.rows[-1 - tail]:
            tail += 1
        if len(self.rows) - tail > same:
            self.beginRemoveRows(QModelIndex(), same, len(self.rows) - tail - 1)
            del self.rows[same : len(self.rows) - tail]
            self.endRemoveRows()
        if len(rows) - tail > same:
            self.beginInsertRows(QModelIndex(), same, len(rows) - tail - 1)
            self.rows[same:same] = rows[same : len(rows) - tail]
            self.endInsertRows()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.document.nets) + FIRST_NET

    def stage_colour(self, row: TableRow) -> int | None:
        """Return the number of the colour of a row that is a stage; None for the others."""
        is_stage = isinstance(row, StageRow) and not self.is_next(row)
        return self.open_nets[0].colour_of_row(row.index) if isinstance(row, StageRow) and is_stage else None

    def is_next(self, row: TableRow) -> bool:
        """Return whether it is the empty row below the last stage, in which a net can go on."""
        return isinstance(row, StageRow) and not any(column.cell(row) for column in self.open_nets)

    def hint(self, row: TableRow) -> str:
        """Return what could be typed into an empty row of a blank table; "" elsewhere."""
        if self.document.family != "blank":
            return ""
        example = "[3×3, 64; 3×3, 64] ×3" if self.is_next(row) else ""
        if row is CellRow.STEM:
            example = "7×7, 64, /2; 3×3 max pool, /2"
        return _("Type, for example: {example}").format(example=example) if example else ""

    def row_name(self, row: TableRow) -> str:
        """Return the name at the left of a row: "conv3_x", or "conv3_x, 2_x" if nets name the stage differently."""
        if row is TotalRow.FLOPS and self.convention.factor > 1:
            return f"FLOPs {self.convention.unit}"
        if isinstance(row, StageRow):
            return self.document.row_name(row) or _("+ stage")
        return _(str(row.value))

    def is_editable(self, index: Index) -> bool:
        """Return whether a cell can be edited: totals can't, and n only where the net has one."""
        row, net = self.rows[index.row()], self.net(index)
        return net is not None and not isinstance(row, TotalRow) and (row is not CellRow.N or net.n is not None)

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.is_editable(index) else flags

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical or section >= self.columnCount():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("", _("output"))[section] if section < FIRST_NET else self._head(section - FIRST_NET)
        if role == Qt.ItemDataRole.ToolTipRole and section >= FIRST_NET:
            spec = self.open_nets[section - FIRST_NET].spec
            options = _("{unit}, shortcut {shortcut}, normalization {norm}").format(
                unit=spec.unit, shortcut=spec.shortcut, norm=spec.norm
            )
            changed = _(", changed (*)") if self.document.nets[section - FIRST_NET].is_changed else ""
            return (
                _("{net}: {options}").format(net=spec.name, options=f"{options}{changed}")
                + "\n"
                + _("Double-click to rename, drag to move, right-click for more.")
            )
        return None

    def _heads(self) -> list[str]:
        return [self._head(net) for net in range(len(self.document.nets))]

    def _head(self, net: int) -> str:
        """Return a net's name, and a star where it is not what it was."""
        return self.open_nets[net].spec.label + (" *" if self.document.nets[net].is_changed else "")

    def draft(self, index: Index) -> InvalidText | None:
        """Return the invalid text of a cell, or None."""
        if index.column() < FIRST_NET:
            return None
        row = self.rows[index.row()]
        drafts = self.document.nets[index.column() - FIRST_NET].drafts
        return None if isinstance(row, TotalRow) else drafts.get(row)

    def net(self, index: Index) -> OpenNet | None:
        """Return the net whose column this is; None left of the nets."""
        return self.open_nets[index.column() - FIRST_NET] if index.column() >= FIRST_NET else None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, net, draft = self.rows[index.row()], self.net(index), self.draft(index)
        if role == Qt.ItemDataRole.EditRole and net:
            return draft.text if draft else pretty(net.cell(row))
        if role == Qt.ItemDataRole.DisplayRole:
            if net is None:
                return self.row_name(row) if index.column() == ROW_NAME else self._output(row)
            return draft.text if draft else self._text(net, row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return draft.reason if draft else self._tip(net, row)
        return None

    def _output(self, row: TableRow) -> str:
        """Of the chosen net; where it has no such row, of one that stands beside it."""
        own = self.document.net.open_net.output_size(row)
        aligned = any(column.first_row for column in self.open_nets)
        return own or next((size for column in self.open_nets if (size := column.output_size(row)) and aligned), "")

    @override
    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self.is_editable(index):
            return False
        self.cell_edited.emit(index.column() - FIRST_NET, self.rows[index.row()], str(value))
        return True

    def _text(self, column: OpenNet, row: TableRow) -> str:
        if row is TotalRow.FLOPS:
            return short(column.counts.flops * self.convention.factor)
        return _TEXTS[row](column) if row in _TEXTS else pretty(column.cell(row))

    def _tip(self, net: OpenNet | None, row: TableRow) -> str | None:
        if net is None and row is TotalRow.PRINTED:
            return _(
                "The number that the paper prints: ✓ equals the computed one, rounded to the printed digits, ≠ differs."
            )
        if net is None and row is CellRow.N:
            return _("Number of blocks per stage. A net of section 4.2 has 6n+2 layers.")
        if net is None:
            return _("Height × width of this row's maps in {net}").format(
                net=self.open_nets[self.selected_index].spec.label
            )
        counts = net.counts
        tips: dict[TableRow, str] = {
            TotalRow.FLOPS: f"{exact(counts.flops * self.convention.factor)}\n{self.convention.text}",
            CellRow.HEAD: _(
                "{head}; then a fully connected layer with {classes} outputs. The softmax is part of the loss."
            ).format(head=pretty(net.cell(row)), classes=net.spec.classes),
            TotalRow.PARAMETERS: exact(counts.parameters),
            TotalRow.WEIGHT_LAYERS: DEPTH,
            TotalRow.MEMORY: f"{exact(counts.activations)} numbers\n{MEMORY}",
            TotalRow.RECEPTIVE_FIELD: _(
                "Pixels of the image that one place of the last convolution's output depends on. It can be larger than "
                "the image."
            ),
        }
        if row is TotalRow.PRINTED and net.claim:
            return net.claim.sentence
        if self.is_next(row):
            return _("Type a stage, for example: [3×3, 64; 3×3, 64] ×3")
        if isinstance(row, StageRow) and len(layout_lines(pretty(net.cell(row))).lines) > 1:
            return pretty(net.cell(row)).replace("]; ", "];\n")
        return tips.get(row)


def _field_text(column: OpenNet) -> str:
    """Return the size of the receptive field as height×width."""
    if column.receptive_field is None:
        return ""
    height, width = column.receptive_field[1].size
    return f"{height}×{width}"


def _rows(document: Document) -> list[TableRow]:
    columns = document.open_nets
    stages = max((column.first_row + len(column.spec.stages) for column in columns), default=0)
    stem = [CellRow.STEM] if document.family == "blank" or any(column.spec.stem.parts for column in columns) else []
    n = [CellRow.N] if document.family == "cifar" else []
    return [*n, *stem, *map(StageRow, range(stages + 1)), CellRow.HEAD, *TotalRow]


def _depth_text(counts: Counts) -> str:
    if counts.depth == counts.weight_layers:
        return str(counts.weight_layers)
    return _("{count}, {depth} deep").format(count=counts.weight_layers, depth=counts.depth)


def _verdict(column: OpenNet) -> str:
    if column.claim is None:
        return "—"
    sign = "✓" if column.claim.agrees else "≠"
    return f"{sign} {column.claim.printed_label}"


def _printed_head(column: OpenNet) -> str:
    """As the papers print it: every fully connected layer, the last one too, and no dropout."""
    parts = [str(part) for part in column.spec.head.parts if not isinstance(part, Drop)]
    return pretty(
        "; ".join(
            parts if column.spec.head.dense or column.spec.head.detector else [*parts, f"fc {column.spec.classes}"]
        )
    )


_TEXTS: dict[TableRow, Callable[[OpenNet], str]] = {
    TotalRow.WEIGHT_LAYERS: lambda column: _depth_text(column.counts),
    TotalRow.PARAMETERS: lambda column: short(column.counts.parameters),
    TotalRow.MEMORY: lambda column: short_bytes(column.counts.bytes),
    TotalRow.RECEPTIVE_FIELD: _field_text,
    TotalRow.PRINTED: _verdict,
    CellRow.HEAD: _printed_head,
}
"""What stands in the rows that are not what a net's spec has; FLOPs are counted by a convention."""
