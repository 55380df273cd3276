"""A child at the keyboard: hundreds of things done at random to BUILD, and it never crashes, hangs or goes blank."""

import random

import pytest
from PySide6.QtWidgets import QApplication

from resviz.base.errors import NetError
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.net_options import TEXTS, choice_options
from resviz.gui.builder.table_rows import CellRow, StageRow, TotalRow
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue

pytestmark = pytest.mark.slow

TEXTS_TYPED = [
    "",
    "[3x3,64; 3x3,64] x3",
    "[1x1,64; 3x3,64; 1x1,256] x3",
    "3x3,0",
    "[3x3,1000000000] x2",
    "[3x3,64; 3x3,64] x99999999999999999999",
    "[3x3,8] x1999",
    "It was the best of times, it was the worst of times, " * 40,
    "×" * 500,
    "7x7,64,/2; 3x3 max pool,/2",
    "fc 65536; fc 65536",
    "3x1x1",
    "4096x8192x8192",
    "0",
    "-5",
    "1e9",
    "nan",
    "\u202e\u0000💥",
    "18",
]
ACTIONS = ("undo", "redo", "duplicate", "remove", "left", "right")


def do_something(window: MainWindow, chance: random.Random) -> None:
    build, view, state = window.build, window.build.view, window.build.state
    what = chance.randrange(12)
    if what <= 3:
        rows = [*CellRow, *map(StageRow, range(7))]
        state.edit_cell(chance.randrange(len(state.open_nets)), chance.choice(rows), chance.choice(TEXTS_TYPED))
    elif what == 4:
        option = chance.choice(choice_options())
        state.edit(option.field, chance.choice(option.values)[0])
    elif what == 5:
        state.edit(chance.choice(TEXTS).field, chance.choice(TEXTS_TYPED))
    elif what == 6:
        view.actions_[chance.choice(ACTIONS)].trigger()
    elif what == 7:
        view.show_tab(chance.choice(["layers", "differences", "crosscheck"]))
        view.layer_panel._group(chance.choice(["layer", "block", "stage"]))
        view.layer_panel.words.setText(chance.choice(["", "conv", "nothing at all"]))
    elif what == 8:
        build.graph.choose_colour(chance.choice(["stage", "parameters", "flops", "activations", "field"]))
        build.graph.choose_fold(chance.choice(["layer", "block", "stage"]))
    elif what == 9:
        build.graph.toggle_side_by_side(chance.randrange(len(state.open_nets)), chance.random() < 0.5)
        state.select_layer(chance.choice(state.open_net.graph.layers).name)
        place = state.document.drawn_indices.index(state.selected_index)
        build.graph.toggle_fold(place, state.layer or "input", chance.random() < 0.5)
    elif what == 10:
        state.set_counting_both(chance.random() < 0.5)
        rows_of_totals = [TotalRow.FLOPS, TotalRow.MEMORY, TotalRow.PRINTED]
        view.table.number_chosen.emit(chance.randrange(len(state.open_nets)), chance.choice(rows_of_totals))
    elif chance.random() < 0.5:
        state.show_family(chance.choice(sorted(FAMILIES)))
    else:
        try:
            state.add(catalogue.find(chance.choice(catalogue.names())))
        except NetError:
            assert len(state.open_nets) == 8


@pytest.mark.parametrize("seed", range(4))
def test_nothing_that_is_done_to_it_crashes_or_blanks_the_window(window: MainWindow, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(120):
        do_something(window, chance)
        QApplication.processEvents()
        view = window.build.view
        assert view.graph.boxes, "the last net that could be is still drawn"
        assert view.table.model().rowCount() > 5
        assert window._status["build"].text()
        for (column, part), draft in window.build.state.drafts.items():
            assert draft.reason, (column, part)
