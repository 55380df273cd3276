"""Shows the selected net beside another one, and changes what they are compared by."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.gui.builder.difference_panel import DifferencesPanel, bar_rows
from resviz.gui.builder.explanation_subject import ExplanationSubject
from resviz.gui.builder.net_comparison import (
    MAX_LAYERS,
    comparison_nets,
    difference_sentence,
    different_parts,
    format_cost,
    selected_comparison,
    unit_text,
)

if TYPE_CHECKING:
    from resviz.analysis.differences import By
    from resviz.gui.builder.builder_state import BuilderState


class DifferenceController(QObject):
    """Connects BUILD's state with the panel of differences."""

    def __init__(self, state: BuilderState, panel: DifferencesPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._panel = state, panel
        panel.other_chosen.connect(self._choose)
        panel.by_chosen.connect(self._choose_by)
        panel.quantity_chosen.connect(self._choose_quantity)
        panel.part_chosen.connect(self._explain)
        panel.add_wanted.connect(self._add)

    def show(self) -> None:
        """Compute and draw the differences if they are visible."""
        if self._panel.isHidden():
            return
        state, panel, settings = self._state, self._panel, self._state.comparison
        nets = comparison_nets(state)
        chosen, label = selected_comparison(state, nets), state.open_net.spec.label
        if chosen is None:
            panel.set_others([], -1, False)
            panel.set_rows(
                [], (label, ""), settings.by, settings.quantity, _("The table has no other net to compare with.")
            )
            return
        panel.set_others([net.title for net in nets], nets.index(chosen), chosen.open_net is None)
        try:
            other = chosen.resolve()
        except NetError as error:
            panel.set_rows([], (label, chosen.title), settings.by, settings.quantity, str(error))
            return
        parts, differing = different_parts(state, other)
        note = f"{chosen.source}: " if chosen.source else ""
        cut = _(", {count} of them shown").format(count=MAX_LAYERS) if differing > MAX_LAYERS else ""
        note += (
            _("{count} layers differ{shown}").format(count=differing, shown=cut)
            if settings.by == "layer"
            else unit_text(state)
        )
        sentence = difference_sentence(parts[1:], settings.quantity, partial(format_cost, state), other.spec.label)
        note = "\n".join(filter(None, (sentence, note)))
        rows = bar_rows(parts, settings.quantity, lambda number: format_cost(state, number))
        panel.set_rows(rows, (label, other.spec.label), settings.by, settings.quantity, note)

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._state.compare(key=comparison_nets(self._state)[index].key)

    @Slot(str)
    def _choose_by(self, by: By) -> None:
        self._state.compare(by=by)

    @Slot(str)
    def _choose_quantity(self, quantity: str) -> None:
        self._state.compare(quantity=quantity)

    @Slot(str)
    def _explain(self, part: str) -> None:
        self._state.explain(ExplanationSubject(self._state.comparison.quantity, part=part))

    @Slot()
    def _add(self) -> None:
        """Add the other net to the table."""
        chosen = selected_comparison(self._state, comparison_nets(self._state))
        if chosen is not None and chosen.open_net is None:
            try:
                self._state.add(chosen.spec)
            except NetError as error:
                self._state.message(str(error))
