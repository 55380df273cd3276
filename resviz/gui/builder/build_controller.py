"""BUILD's controller: the only one that knows the table, the picture, the layers and the options at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal, Slot

from resviz.analysis.counts import APART, MULTIPLY_ADDS, Convention
from resviz.analysis.layer_table import LayerRow
from resviz.base.errors import NetError
from resviz.gui.builder.build_view import BuildView
from resviz.gui.builder.difference_controller import DifferenceController
from resviz.gui.builder.document import Document, InvalidText, UndoHistory, table_of
from resviz.gui.builder.explanation_subject import ExplanationSubject, explain_subject
from resviz.gui.builder.export_controller import ExportController
from resviz.gui.builder.graph_controller import GraphController
from resviz.gui.builder.memory_controller import MemoryController
from resviz.gui.builder.open_net import HEAD, STEM, OpenNet
from resviz.nets.spec import NetSpec


class BuildController(QObject):
    """Holds the document and one selection (net, stage, layer), and shows both in every view.

    What can't be a net is kept as a Draft beside the last net that could; nothing that is typed is lost.
    """

    net_selected = Signal(object, object)
    """The Column chosen and the Convention of its FLOPs, at every change of them."""
    status_message = Signal(str)
    """Something done or not, in a line."""

    def __init__(self, view: BuildView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.history = UndoHistory(Document("", ()))
        self.convention: Convention = MULTIPLY_ADDS
        self.stage: str | None = None
        self.layer: str | None = None
        self._subject: ExplanationSubject | None = None
        self._left_tables: dict[str, Document] = {}
        self._wide_wanted = False
        self.drawing = GraphController(self)
        self.comparing = DifferenceController(self)
        self.remembering = MemoryController(self)
        self.exporting = ExportController(self)
        view.family_chosen.connect(self.show_family)
        view.apart_toggled.connect(self.count_apart)
        view.tab_chosen.connect(self.show)
        view.table.chosen.connect(self._cell_chosen)
        view.table.cell_edited.connect(self.edit_cell)
        view.table.edit_ended.connect(self.end_edit)
        view.table.renamed.connect(self.rename)
        view.table.moved.connect(self._moved)
        view.table.menu_wanted.connect(self._menu)
        view.table.figure_chosen.connect(self._total_chosen)
        view.options.changed.connect(self.change_option)
        view.options.edit_ended.connect(self.end_edit)
        view.options.reset.connect(self.reset_column)
        view.layer_panel.layer_chosen.connect(self.choose_layer)
        view.layer_panel.figure_chosen.connect(self._figure_chosen)
        for name, slot in (
            ("undo", self.undo),
            ("redo", self.redo),
            ("duplicate", self.duplicate),
            ("rename", self._rename),
            ("remove", self.remove),
            ("left", self._left),
            ("right", self._right),
        ):
            view.actions_[name].triggered.connect(slot)

    @property
    def document(self) -> Document:
        return self.history.present

    @property
    def columns(self) -> list[OpenNet]:
        return self.document.columns

    @property
    def chosen(self) -> int:
        return self.document.chosen

    @property
    def column(self) -> OpenNet:
        return self.document.net.column

    @property
    def drafts(self) -> dict[tuple[int, str], InvalidText]:
        """What is typed and is no net, by the net's place and the row or the option."""
        return {(at, part): draft for at, net in enumerate(self.document.nets) for part, draft in net.drafts.items()}

    @Slot(str)
    def show_family(self, key: str) -> None:
        """Another depth table, as it was left; the one shown, chosen once more, as the paper prints it."""
        before = self.document
        if before.nets:
            self._left_tables[before.family] = before
            self.history.do(table_of(key) if key == before.family else self._left_tables.get(key) or table_of(key))
        else:  # nothing stands before the first table
            self.history = UndoHistory(table_of(key))
        self.stage = self.layer = self._subject = None
        self.drawing.first_look()
        self.show()

    @Slot(int, str)
    def _cell_chosen(self, column: int, row: str) -> None:
        same = column == self.chosen
        self._choose(column)
        self.stage = self.column.stage_of(row) or None if row.isdigit() else None
        self.layer = None if self.stage or not same else self.layer
        self.show()
        if self.stage:
            self.view.layers.scroll_to_stage(self.stage)

    @Slot(str)
    def choose_layer(self, name: str) -> None:
        self.layer = name
        self.stage = self.column.graph[name].stage
        if not self.view.wide and (self._subject is None or self._subject.layer != name):
            self._subject = ExplanationSubject("flops", layer=name)
        self.show()

    def choose_in(self, net: int, layer: str) -> None:
        """A layer of any net of the table."""
        self._choose(net)
        self.choose_layer(layer)

    @Slot(int, str, str)
    def edit_cell(self, column: int, row: str, text: str) -> None:
        """What was typed into a cell: a net of it, or the reason why there is none."""
        self._choose(column)
        self.change_option(row, text)

    @Slot(str, str)
    def change_option(self, part: str, text: str) -> None:
        """Another text of a part of the chosen net: a row of the table, or an option. As long as it is typed, what is
        no net leaves the one that stood before the first key."""
        mark = f"{self.chosen} {part}"
        self._do(self.history.before(mark).edited(part, text), mark)

    @Slot()
    def end_edit(self) -> None:
        """What was typed is done with."""
        self.history.close()

    @Slot()
    def reset_column(self) -> None:
        self._do(self.document.reset())

    @Slot(int, str)
    def rename(self, column: int, name: str) -> None:
        self._choose(column)
        self._do(self.document.edited("name", name))

    def add(self, spec: NetSpec) -> None:
        """A net more. Raises NetError where it can't be built, or the table is full."""
        self._do(self.document.added(spec))

    @Slot()
    def duplicate(self) -> None:
        self._try(self.document.duplicated)

    @Slot()
    def remove(self) -> None:
        self._try(self.document.removed)

    @Slot()
    def undo(self) -> None:
        if self.history.undo():
            self._after_change()

    @Slot()
    def redo(self) -> None:
        if self.history.redo():
            self._after_change()

    @Slot(bool)
    def count_apart(self, apart: bool) -> None:
        """Multiply and add as two, everywhere at once; or as one."""
        self.convention = APART if apart else MULTIPLY_ADDS
        self.show()

    def explain(self, subject: ExplanationSubject) -> None:
        """Opens the sum behind a figure."""
        self._subject = subject
        self.show()

    @Slot(int, int)
    def _moved(self, column: int, to: int) -> None:
        self._do(self.document.moved(column, to))

    @Slot()
    def _left(self) -> None:
        self._do(self.document.moved(self.chosen, self.chosen - 1))

    @Slot()
    def _right(self) -> None:
        self._do(self.document.moved(self.chosen, self.chosen + 1))

    @Slot()
    def _rename(self) -> None:
        self.view.table.rename(self.chosen)

    @Slot(int, QPoint)
    def _menu(self, column: int, place: QPoint) -> None:
        self._cell_chosen(column, "")
        self.view.actions_.menu_of_a_net().popup(place)

    @Slot(int, str)
    def _total_chosen(self, column: int, row: str) -> None:
        self._choose(column)
        self.explain(ExplanationSubject({"FLOPs": "flops", "memory": "activations"}.get(row, row)))

    @Slot(object, str)
    def _figure_chosen(self, row: LayerRow, quantity: str) -> None:
        group = ExplanationSubject(quantity, group=row.name, members=row.members)
        self.explain(group if row.is_group else ExplanationSubject(quantity, layer=row.name))

    def _choose(self, column: int) -> None:
        """Another net of the table is looked at."""
        if column != self.chosen:
            self._forget_difference()
            self.history.look(self.document.choosing(column))

    def _forget_difference(self) -> None:
        """A sum of two nets is not that of two others."""
        if self._subject is not None and self._subject.part:
            self._subject = None

    def _try(self, change: Callable[[], Document]) -> None:
        try:
            self._do(change())
        except NetError as error:
            self.status_message.emit(str(error))

    def _do(self, document: Document, mark: str = "") -> None:
        self.history.do(document, mark)
        self._after_change()

    def _after_change(self) -> None:
        self._forget_difference()
        if self.layer is not None and self.layer not in self.column.graph:
            self.layer = None
        if self.stage is not None and self.column.row_of(self.stage) is None:
            self.stage = None
        self.show()

    @Slot()
    def show(self) -> None:
        """Everything, in every view."""
        document, column, view = self.document, self.column, self.view
        # Nets side by side want room, and so do branches.
        wanted = len(document.drawn) > 1 or any(layer.branch for layer in column.graph.layers)
        if wanted != self._wide_wanted:
            self._wide_wanted = wanted
            view.set_wide(wanted)
        view.set_family(document.family)
        view.table.set_document(document, self.convention)
        view.table.set_row(document.chosen, column.row_of(self.stage) if self.stage else None)
        self.drawing.show()
        view.layer_panel.set_layers(column.layers, column.spec.label, column.stage_colours(), self.convention)
        view.layer_panel.set_layer(self.layer)
        drafts = document.net.drafts
        typed = {{STEM: "stem", HEAD: "head"}.get(part, part): draft.text for part, draft in drafts.items()}
        view.options.set_spec(column.spec, column.spec != document.net.paper, typed)
        view.options.set_problem(list(drafts.values())[-1].reason if drafts else "")
        view.actions_["undo"].setEnabled(self.history.can_undo)
        view.actions_["redo"].setEnabled(self.history.can_redo)
        self.comparing.show()
        self.remembering.show()
        self.exporting.show()
        difference = self.comparing.difference(self._subject.part) if self._subject and self._subject.part else None
        view.set_explanation(explain_subject(self._subject, column, self.convention, difference))
        self.net_selected.emit(column, self.convention)

    def shut_down(self) -> None:
        """Ends what is at work beside the window."""
        self.exporting.shut_down()
