"""A child at the keyboard: hundreds of things done at random to BUILD, and it never crashes, hangs or goes blank."""

import random

import pytest
from PySide6.QtWidgets import QApplication

from resviz.base.errors import NetError
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.net_options import CHOICES, TEXTS
from resviz.gui.builder.open_net import HEAD, STEM
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue

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
    build, view = window.build, window.build.view
    what = chance.randrange(12)
    if what <= 3:
        rows = [STEM, HEAD, "n", *map(str, range(7))]
        build.edit_cell(chance.randrange(len(build.columns)), chance.choice(rows), chance.choice(TEXTS_TYPED))
    elif what == 4:
        option = chance.choice(CHOICES)
        build.change_option(option.field, chance.choice(option.values)[0])
    elif what == 5:
        build.change_option(chance.choice(TEXTS).field, chance.choice(TEXTS_TYPED))
    elif what == 6:
        view.actions_[chance.choice(ACTIONS)].trigger()
    elif what == 7:
        view.show_tab(chance.choice(["layers", "differences", "crosscheck"]))
        view.layer_panel._group(chance.choice(["layer", "block", "stage"]))
        view.layer_panel.words.setText(chance.choice(["", "conv", "nothing at all"]))
    elif what == 8:
        build.drawing.choose_colour(chance.choice(["stage", "parameters", "flops", "activations", "field"]))
        build.drawing.choose_fold(chance.choice(["layer", "block", "stage"]))
    elif what == 9:
        build.drawing.toggle_beside(chance.randrange(len(build.columns)), chance.random() < 0.5)
        build.choose_layer(chance.choice(build.column.graph.layers).name)
        place = build.document.drawn.index(build.chosen)
        build.drawing.toggle_fold(place, build.layer or "input", chance.random() < 0.5)
    elif what == 10:
        build.count_apart(chance.random() < 0.5)
        build._total_chosen(chance.randrange(len(build.columns)), chance.choice(["FLOPs", "memory", "paper prints"]))
    elif chance.random() < 0.5:
        build.show_family(chance.choice(sorted(FAMILIES)))
    else:
        try:
            build.add(catalogue.find(chance.choice(catalogue.names())))
        except NetError:
            assert len(build.columns) == 8


@pytest.mark.parametrize("seed", range(4))
def test_nothing_that_is_done_to_it_crashes_or_blanks_the_window(window: MainWindow, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(120):
        do_something(window, chance)
        QApplication.processEvents()
        view = window.build.view
        assert view.graph.boxes, "the last net that could be is still drawn"
        assert view.table.model().rowCount() > 5
        assert window._totals.text()
        for (column, part), draft in window.build.drafts.items():
            assert draft.reason, (column, part)
