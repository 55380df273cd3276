"""BUILD's controller: makes the state and a controller for each panel, and shows them all when the state changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from resviz.analysis.text_tables import FORMATS
from resviz.base.translation import _, ngettext
from resviz.gui.actions.action_table import BUILD
from resviz.gui.builder.builder_state import BuilderState
from resviz.gui.builder.crosscheck_controller import CrossCheckController
from resviz.gui.builder.difference_controller import DifferenceController
from resviz.gui.builder.explanation_subject import explain_subject
from resviz.gui.builder.export_controller import NET_FORMATS, ExportController
from resviz.gui.builder.graph_controller import GraphController
from resviz.gui.builder.layer_controller import LayerController
from resviz.gui.builder.memory_controller import MemoryController
from resviz.gui.builder.net_comparison import difference_explanation
from resviz.gui.builder.options_controller import OptionsController
from resviz.gui.builder.spec_file_controller import SpecFileController
from resviz.gui.builder.table_controller import TableController
from resviz.gui.builder.training_offer import TrainingOffer

if TYPE_CHECKING:
    from resviz.gui.builder.build_view import BuildView


class BuildController(QObject):
    """The one place that knows the whole page. Panels and their controllers only know the state."""

    net_selected = Signal(object, object)
    """The selected OpenNet and the Convention of its FLOPs, at every change of them."""
    status_message = Signal(str)
    """What was done or why it was not, in one line."""
    training_wanted = Signal(object)
    """A TrainingRequest: nets of the table are to be trained."""

    def __init__(self, view: BuildView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.state = state = BuilderState()
        self.graph = GraphController(state, view.graph_panel, self)
        self.layers = LayerController(state, view.layer_panel, self)
        self.differences = DifferenceController(state, view.differences, self)
        self.memory = MemoryController(state, view.memory, self)
        self.crosscheck = CrossCheckController(state, view.crosscheck, self)
        self.spec_files = SpecFileController(state, view.add_menu, view.actions_, self)
        self.export = ExportController(state, view, self)
        self._shown = (
            TableController(state, view.table, view.actions_, self),
            self.graph,
            self.layers,
            OptionsController(state, view.options, self),
            self.differences,
            self.memory,
            self.crosscheck,
        )
        self._wide_wanted = False
        state.changed.connect(self._show)
        state.message.connect(self._report)
        view.family_chosen.connect(self._show_family)
        view.counting_both_toggled.connect(self._set_counting_both)
        view.tab_chosen.connect(self._show)
        view.wide_changed.connect(self._explain_selection)
        view.explain.copy_wanted.connect(self._copy_text)
        self.training = TrainingOffer(state, view, self.training_wanted.emit)
        for name, handler in (
            ("picture", self.graph.save_picture),
            ("find", view.graph_panel.open_find),
            ("export", view.export.showMenu),
            ("train_nets", self.training.train),
            ("train_with", self.training.ask),
        ):
            view.actions_.on(name, handler, BUILD)
        self._fill_export_menu()

    def shut_down(self) -> None:
        """End the processes that work beside the window."""
        self.state.changed.disconnect(self._show)
        self.state.message.disconnect(self._report)
        self.crosscheck.shut_down()
        self.export.shut_down()

    @Slot()
    def _show(self) -> None:
        state, view = self.state, self.view
        # Nets side by side need room, and so do branches.
        wanted = len(state.document.drawn_indices) > 1 or any(layer.branch for layer in state.open_net.graph.layers)
        if wanted != self._wide_wanted:
            self._wide_wanted = wanted
            view.set_wide(wanted)
        view.set_family(state.document.family)
        for controller in self._shown:
            controller.show()
        part = state.subject.part if state.subject else ""
        difference = difference_explanation(state, part) if part else None
        view.set_explanation(explain_subject(state.subject, state.open_net, state.convention, difference))
        view.set_trained([state.open_nets[index].spec.label for index in state.document.drawn_indices])
        self.net_selected.emit(state.open_net, state.convention)

    def closing_text(self) -> str:
        """Return which nets are changed and not saved as files, and what is kept of them; "" if there is none."""
        changed = [
            net.open_net.spec.label
            for net in self.state.document.nets
            if net.is_changed and net.open_net.spec not in self.state.saved
        ]
        if not changed:
            return ""
        return ngettext(
            "{nets} is changed and not saved as a file. It is open again at the next start.",
            "{nets} are changed and not saved as files. They are open again at the next start.",
            len(changed),
        ).format(nets=", ".join(changed))

    def _report(self, text: str) -> None:
        self.status_message.emit(text)

    @Slot(str)
    def _show_family(self, key: str) -> None:
        self.state.show_family(key)

    @Slot(bool)
    def _set_counting_both(self, counting_both: bool) -> None:
        self.state.set_counting_both(counting_both)

    @Slot(bool)
    def _explain_selection(self, wide: bool) -> None:
        """A sum takes room from a wide picture: there it is shown only when a person asks for it."""
        self.state.explains_selection = not wide

    @Slot(str)
    def _copy_text(self, text: str) -> None:
        QApplication.clipboard().setText(text)
        self.status_message.emit(_("The calculation was copied."))

    def _fill_export_menu(self) -> None:
        menu = self.view.export_menu
        for form in NET_FORMATS:
            menu.addAction(f"{form.title}…").setData(form.key)
        menu.addSeparator()
        menu.addAction(_("Spec (TOML)…")).setData("spec")
        menu.addAction(_("Picture: SVG, PNG, PDF…") + "\tCtrl+P").setData("picture")
        for ending, (title, _write) in FORMATS.items():
            menu.addAction(_("Layer table: {format}…").format(format=title)).setData(ending)
        menu.triggered.connect(self._export)

    @Slot(QAction)
    def _export(self, action: QAction) -> None:
        wanted = action.data()
        if wanted == "spec":
            self.spec_files.save()
        elif wanted == "picture":
            self.graph.save_picture()
        elif wanted in FORMATS:
            self.layers.export(wanted)
        else:
            self.export.export_net(wanted)
