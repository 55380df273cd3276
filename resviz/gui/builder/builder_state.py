"""BUILD's state: the open nets, what is selected in them, how FLOPs are counted, and the undo history. No Qt.

Every panel reads this one object and changes it through its methods; `changed` tells all panels at once. So panels and
their controllers never know each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psygnal import Signal

from resviz.analysis.counts import COUNTING_BOTH, MULTIPLY_ADDS, Convention
from resviz.base.errors import NetError
from resviz.gui.builder.document import Document, InvalidText, UndoHistory, open_family
from resviz.gui.builder.explanation_subject import ExplanationSubject
from resviz.gui.builder.table_rows import CellRow, Part, StageRow, TableRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.analysis.differences import By
    from resviz.gui.builder.open_net import OpenNet
    from resviz.nets.spec import NetSpec


@dataclass(frozen=True)
class ComparisonSettings:
    """How the selected net is compared: with which other net (its key), by which parts, in which quantity."""

    key: str = ""
    by: By = "stage"
    quantity: str = "parameters"


class BuilderState:
    """The open nets, one selection (net, stage, layer), and the number that is explained.

    Text that is not a valid net is kept beside the last valid net, so nothing that is typed is lost.
    """

    changed = Signal()
    message = Signal(str)
    """What was done or why it was not, in one line."""

    def __init__(self) -> None:
        self.history = UndoHistory(Document("", ()))
        self.convention: Convention = MULTIPLY_ADDS
        self.stage: str | None = None
        self.layer: str | None = None
        self.subject: ExplanationSubject | None = None
        self.comparison = ComparisonSettings()
        self.explains_selection = True
        """Whether selecting a layer also explains its FLOPs."""
        self.tables_opened = 0
        """How many depth tables were opened so far: a view starts afresh with each."""
        self.saved: set[NetSpec] = set()
        """Nets as they were saved to files."""
        self.left_documents: dict[str, Document] = {}
        """The tables that were open before, by their family, as they were left."""

    @property
    def document(self) -> Document:
        """The open nets, as they are now."""
        return self.history.present

    @property
    def open_nets(self) -> list[OpenNet]:
        """The open nets, in the order of the table's columns."""
        return self.document.open_nets

    @property
    def selected_index(self) -> int:
        """Index of the selected net."""
        return self.document.selected_index

    @property
    def open_net(self) -> OpenNet:
        """The selected net."""
        return self.document.net.open_net

    @property
    def drafts(self) -> dict[tuple[int, Part], InvalidText]:
        """Typed text that is not a valid net, by the net's place and the part that was typed."""
        return {(at, part): draft for at, net in enumerate(self.document.nets) for part, draft in net.drafts.items()}

    # Selecting

    def show_family(self, key: str) -> None:
        """Open another depth table as it was left. The open one, chosen again, is as the paper prints it.

        Edited nets of the open one stay in it, behind those of the paper: choosing a table throws nothing away.
        """
        before = self.document
        if before.nets:
            self.left_documents[before.family] = before
            left = None if key == before.family else self.left_documents.get(key)
            self.history.do(left or open_family(key).with_edited_nets(before if key == before.family else None))
        else:  # nothing stands before the first table
            self.history = UndoHistory(open_family(key))
        self.tables_opened += 1
        self.stage = self.layer = self.subject = None
        self.changed()

    def open_document(self, document: Document) -> None:
        """Open a document as the first one: there is nothing to take back."""
        self.history = UndoHistory(document)
        self.tables_opened += 1
        self.stage = self.layer = self.subject = None
        self.changed()

    def select_cell(self, net: int, row: TableRow | None) -> None:
        """Select a net and the stage of a row; None selects the net alone."""
        same = net == self.selected_index
        self._select_net(net)
        self.stage = self.open_net.row_stage(row) or None if isinstance(row, StageRow) else None
        self.layer = None if self.stage or not same else self.layer
        self.changed()

    def select_layer(self, layer: str, net: int | None = None) -> None:
        """Select a layer, of the selected net or of another one."""
        if net is not None:
            self._select_net(net)
        self.layer = layer
        self.stage = self.open_net.graph[layer].stage
        if self.explains_selection and (self.subject is None or self.subject.layer != layer):
            self.subject = ExplanationSubject("flops", layer=layer)
        self.changed()

    def set_side_by_side(self, net: int, shown: bool) -> None:
        """Draw a net beside the selected one, or no longer."""
        self.history.look(self.document.with_side_by_side(net, shown))
        self.changed()

    def explain(self, subject: ExplanationSubject, net: int | None = None) -> None:
        """Show the sum of a number."""
        if net is not None:
            self._select_net(net)
        self.subject = subject
        self.changed()

    def compare(self, **settings: str) -> None:
        """Change how the selected net is compared: fields of ComparisonSettings."""
        self.comparison = replace(self.comparison, **settings)  # type: ignore[arg-type]
        self.changed()

    def set_counting_both(self, counting_both: bool) -> None:
        """Count multiply and add as two operations everywhere, or as one."""
        self.convention = COUNTING_BOTH if counting_both else MULTIPLY_ADDS
        self.changed()

    # Editing

    def edit_cell(self, net: int, row: CellRow | StageRow, text: str) -> None:
        """Take the text typed into a cell: a new net, or the reason why it is not one."""
        self._select_net(net)
        self.edit(row, text)

    def edit(self, part: Part, text: str) -> None:
        """Set the text of a part of the selected net.

        Each keystroke starts from the net before the first one, so that half-typed text leaves no trace.
        """
        mark = f"{self.selected_index} {part}"
        self._do(self.history.before(mark).edited(part, text), mark)

    def end_edit(self) -> None:
        """Close the edit: the next one is an undo step of its own."""
        self.history.close()

    def reset(self) -> None:
        """Give the selected net the spec that it was opened with."""
        self._do(self.document.reset())

    def rename(self, net: int, name: str) -> None:
        """Rename a net and select it."""
        self._select_net(net)
        self._do(self.document.edited("name", name))

    def add(self, spec: NetSpec) -> None:
        """Add a net. Raise NetError if it can't be built, or the table is full."""
        self._do(self.document.added(spec))

    def show_net(self, spec: NetSpec) -> None:
        """Select an open net of this spec, or add it."""
        same = next((at for at, net in enumerate(self.open_nets) if net.spec == spec), None)
        if same is not None:
            self.select_cell(same, None)
        else:
            self._try(lambda: self.document.added(spec))

    def duplicate(self) -> None:
        """Add a copy of the selected net."""
        self._try(self.document.duplicated)

    def remove(self) -> None:
        """Close the selected net."""
        self._try(self.document.removed)

    def move(self, net: int, to: int) -> None:
        """Move a net to another place in the table."""
        self._do(self.document.moved(net, to))

    def undo(self) -> None:
        """Take back the last edit."""
        if self.history.undo():
            self._after_edit()

    def redo(self) -> None:
        """Repeat the edit that was taken back last."""
        if self.history.redo():
            self._after_edit()

    def _select_net(self, net: int) -> None:
        if net != self.selected_index:
            self._forget_difference()
            self.history.look(self.document.choosing(net))

    def _forget_difference(self) -> None:
        """A sum of two nets is not the sum of two others."""
        if self.subject is not None and self.subject.part:
            self.subject = None

    def _try(self, edit: Callable[[], Document]) -> None:
        try:
            self._do(edit())
        except NetError as error:
            self.message(str(error))

    def _do(self, document: Document, mark: str = "") -> None:
        self.history.do(document, mark)
        self._after_edit()

    def _after_edit(self) -> None:
        self._forget_difference()
        if self.layer is not None and self.layer not in self.open_net.graph:
            self.layer = None
        if self.stage is not None and self.open_net.stage_row(self.stage) is None:
            self.stage = None
        self.changed()
