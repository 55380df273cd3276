"""The depth table under edit: its nets, what was typed that is no net, and every step back. No Qt.

A Document is immutable: an edit makes another, and to undo is to show the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from resviz.base.errors import NetError
from resviz.base.translation import N_, _
from resviz.gui.actions.step_stack import StepStack
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.open_net import OpenNet, aligned, resolve
from resviz.gui.builder.table_rows import CellRow, Part, StageRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.nets.spec import NetSpec

MAX_COLUMNS = 8
MAX_SIDE_BY_SIDE = 3
_NUMBERS = {
    "classes": (int, N_("Use a whole number from 1 to 1000000.")),
    "gate_bias": (float, N_("Use a number from -100 to 100.")),
}
_ROWS: dict[Part, Part] = {"stem": CellRow.STEM, "head": CellRow.HEAD}
"""Options that are rows of the table too: one draft of each."""
_STEPS = 300


@dataclass(frozen=True)
class InvalidText:
    """A cell's or an option's text that is no net, and why; the net on screen is the last that was one."""

    text: str
    reason: str


@dataclass(frozen=True)
class EditedNet:
    """A column, what it was when it came into the table, and its drafts by their part: a row or an option's field."""

    open_net: OpenNet
    paper: NetSpec
    drafts: Mapping[Part, InvalidText] = field(default_factory=dict)

    @property
    def is_changed(self) -> bool:
        """Whether the net differs from the spec that it was opened with, invalid texts included."""
        return bool(self.drafts) or self.open_net.spec != self.paper

    def edited(self, part: Part, text: str) -> EditedNet:
        """Return the net with another text of a part.

        Invalid texts of other parts are tried again, because two changes can be valid only together.
        """
        part = _ROWS.get(part, part)
        net = self._tried(part, text)
        if part not in net.drafts:
            for other, draft in self.drafts.items():
                if other != part:
                    net = net._tried(other, draft.text)  # noqa: SLF001 - the same class
        return net

    def reset(self) -> EditedNet:
        """Return the net as it was opened, at its present place."""
        return EditedNet(self.open_net.with_spec(self.paper), self.paper)

    def _tried(self, part: Part, text: str) -> EditedNet:
        others = {key: draft for key, draft in self.drafts.items() if key != part}
        try:
            return replace(self, open_net=changed(self.open_net, part, text), drafts=others)
        except NetError as error:
            return replace(self, drafts={**others, part: InvalidText(text, str(error))})


def changed(column: OpenNet, part: Part, text: str) -> OpenNet:
    """Return a net with another text in a row, or another value of an option. Raise NetError if it is not valid."""
    if not isinstance(part, str):
        return column.with_cell(part, text)
    if part == "name":  # what people are shown is what they typed
        return column.with_spec(column.spec.with_options(name=text.strip(), title=""))
    value: Any = text.strip()
    if part == "input":
        value = _whole_shape(value, column.spec.input[0])
    if part in _NUMBERS:
        kind, would_do = _NUMBERS[part]
        try:
            value = kind(text.strip()[:20].replace("−", "-"))
        except ValueError:
            raise NetError(
                _("{field}: {text} is not a number. {hint}").format(
                    field=part.replace("_", " "), text=repr(text[:20]), hint=_(would_do)
                )
            ) from None
    if part == "bias":
        value = text == "yes"
    return column.with_spec(column.spec.with_options(**{part: value}))


def _whole_shape(text: str, channels: int) -> str:
    """64x64, or 64 alone, is an image's height and width: the channels stay what they are."""
    sides = text.replace(" ", "").lower().replace("×", "x").split("x")
    if len(sides) > 2 or not all(side.isascii() and side.isdigit() for side in sides):
        return text
    return "x".join([str(channels), sides[0], sides[-1]])


@dataclass(frozen=True)
class Document:
    """The open nets.

    `family` is the table's key, `selected_index` the selected net, `side_by_side` the nets that are drawn beside it.
    """

    family: str
    nets: tuple[EditedNet, ...]
    selected_index: int = 0
    side_by_side: tuple[int, ...] = ()

    @property
    def net(self) -> EditedNet:
        """The selected net."""
        return self.nets[self.selected_index]

    @property
    def open_nets(self) -> list[OpenNet]:
        """All nets, in the order of the columns."""
        return [net.open_net for net in self.nets]

    @property
    def drawn_indices(self) -> tuple[int, ...]:
        """The nets in the picture, in the table's order."""
        return tuple(sorted({self.selected_index, *self.side_by_side}))

    def row_name(self, row: StageRow) -> str:
        """Return a stage's name; "conv3_x, 2_x" where nets name it differently; "" for the row after the last stage."""
        names = list(dict.fromkeys(filter(None, (net.row_stage(row) for net in self.open_nets))))
        return ", ".join([*names[:1], *(name.removeprefix("conv") for name in names[1:])])

    def choosing(self, index: int) -> Document:
        """Return a document with another net selected.

        If too many nets are drawn, the one selected before is no longer drawn.
        """
        if not 0 <= index < len(self.nets):
            return self
        others = tuple(other for other in self.side_by_side if other != index)
        if len(self.drawn_indices) > 1 and index in self.side_by_side:
            others = (*others, self.selected_index)
        return replace(self, selected_index=index, side_by_side=others[-(MAX_SIDE_BY_SIDE - 1) :])

    def with_side_by_side(self, index: int, shown: bool) -> Document:
        """Return a document in which a net is drawn, or no longer. The selected net is always drawn."""
        others = tuple(other for other in self.side_by_side if other != index)
        if shown and index != self.selected_index:
            others = (*others, index)[-(MAX_SIDE_BY_SIDE - 1) :]
        return replace(self, side_by_side=others)

    def edited(self, part: Part, text: str) -> Document:
        """Return a document with another text of a part of the selected net."""
        return self._with_net(self.net.edited(part, text))

    def reset(self) -> Document:
        """Return a document whose selected net has the spec that it was opened with."""
        return self._with_net(self.net.reset())

    def added(self, spec: NetSpec) -> Document:
        """Return a document with a new net after the selected one. Raise NetError if the table is full."""
        return self.with_net_after(EditedNet(resolve(spec), spec))

    def with_net_after(self, net: EditedNet) -> Document:
        """Return a document with an edited net after the selected one. Raise NetError if the table is full."""
        if len(self.nets) >= MAX_COLUMNS:
            raise NetError(_("The table is full ({most} nets). Close a net first.").format(most=MAX_COLUMNS))
        at = self.selected_index + 1
        others = tuple(index + 1 if index >= at else index for index in self.side_by_side)
        nets = (*self.nets[:at], net, *self.nets[at:])
        return replace(self, nets=_aligned(nets), selected_index=at, side_by_side=others)

    def with_edited_nets(self, other: Document | None) -> Document:
        """Return a document with the edited nets of another one behind its own, as many as there is room for."""
        edited = [net for net in other.nets if net.is_changed] if other is not None else []
        own = self.nets[: max(1, MAX_COLUMNS - len(edited))]
        return replace(self, nets=_aligned((*own, *edited)[:MAX_COLUMNS])) if edited else self

    def duplicated(self) -> Document:
        """Return a document with a copy of the selected net, drafts included. Raise NetError if the table is full."""
        return self.with_net_after(replace(self.net, paper=self.net.open_net.spec))

    def removed(self) -> Document:
        """Return a document without the selected net. Raise NetError for the only net."""
        if len(self.nets) == 1:
            raise NetError(_("This is the only net. Add another one before you close it."))
        order = [index for index in range(len(self.nets)) if index != self.selected_index]
        return self._ordered(order, min(self.selected_index, len(order) - 1))

    def moved(self, index: int, to: int) -> Document:
        """Return a document with a net at another place."""
        order = [other for other in range(len(self.nets)) if other != index]
        order.insert(min(max(to, 0), len(order)), index)
        return self._ordered(order, order.index(self.selected_index))

    def _with_net(self, net: EditedNet) -> Document:
        nets = (*self.nets[: self.selected_index], net, *self.nets[self.selected_index + 1 :])
        return replace(self, nets=nets)

    def _ordered(self, order: list[int], selected: int) -> Document:
        others = tuple(order.index(index) for index in self.side_by_side if index in order)
        nets = tuple(self.nets[index] for index in order)
        return replace(
            self, nets=_aligned(nets), selected_index=selected, side_by_side=tuple(i for i in others if i != selected)
        )


def _aligned(nets: tuple[EditedNet, ...]) -> tuple[EditedNet, ...]:
    columns = aligned([net.open_net for net in nets])
    last = max((column.first_row + len(column.spec.stages) for column in columns), default=0)
    return tuple(_at_row(net, column, last) for net, column in zip(nets, columns, strict=True))


def _at_row(net: EditedNet, column: OpenNet, last: int) -> EditedNet:
    """Return a net whose first stage may have gone to another row; what is typed in its rows goes along.

    `last` is the table's last row of a stage. Nothing goes below it, where it could not be seen.
    """
    down = column.first_row - net.open_net.first_row
    drafts = {
        StageRow(min(max(0, part.index + down), last)) if isinstance(part, StageRow) else part: draft
        for part, draft in net.drafts.items()
    }
    return replace(net, open_net=column, drafts=drafts)


def open_family(family: str) -> Document:
    """Return the nets of a family as a new document."""
    known = FAMILIES[family]
    nets = tuple(EditedNet(column, column.spec) for column in known.columns())
    return Document(family, nets, known.selected_index, known.side_by_side)


class UndoHistory(StepStack[Document]):
    """The document shown, those before it and those that were undone.

    Edits of one `mark`, one after the other, are one step: what is typed into a cell is taken back at once.
    """

    def __init__(self, document: Document) -> None:
        super().__init__(_STEPS)
        self.present = document
        self._mark = ""

    def do(self, document: Document, mark: str = "") -> None:
        """Record an edit. Edits with the same mark in a row are one step."""
        if document == self.present:
            return
        shown = {net.open_net.resolved for net in document.nets}
        for net in self.present.nets:
            # Hundreds of steps are kept: of edited nets the specs are enough. The papers' own are shared by all tables.
            if net.open_net.spec != net.paper and net.open_net.resolved not in shown:
                net.open_net.resolved.forget()
        if not (mark and mark == self._mark):
            self.push(self.present)
        self.present, self._mark = document, mark
        if self._past and self._same_table(self._past[-1]):  # typed and taken back: no step at all
            self._past.pop()
            self._mark = ""

    def before(self, mark: str) -> Document:
        """Return the document before the current edit of this mark, from which each keystroke starts again."""
        return self._past[-1] if mark and mark == self._mark and self._past else self.present

    def close(self) -> None:
        """End the current edit. Another edit with the same mark is a new step."""
        self._mark = ""

    def look(self, document: Document) -> None:
        """Record another selection in the same table, which is not a step of its own."""
        if document != self.present:
            self.present, self._mark = document, ""

    def undo(self) -> bool:
        """Take back a step. Return whether there was one."""
        return self._show(self.back(self.present))

    def redo(self) -> bool:
        """Repeat the edit that was taken back last. Return whether there was one."""
        return self._show(self.forth(self.present))

    def _show(self, document: Document | None) -> bool:
        if document is None:
            return False
        self.present, self._mark = document, ""
        return True

    def _same_table(self, other: Document) -> bool:
        return (self.present.family, self.present.nets) == (other.family, other.nets)
