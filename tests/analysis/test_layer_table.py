"""The layer table: whatever is grouped, sorted or filtered, its numbers are the net's."""

import csv
import io
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from resviz.analysis.counts import COUNTING_BOTH, MULTIPLY_ADDS, count
from resviz.analysis.layer_table import HEADINGS, LayerTable
from resviz.analysis.text_tables import FORMATS, Table
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from tests.helpers.net_strategies import buildable, net_specs


def layers(name: str) -> LayerTable:
    graph = build(catalogue.find(name))
    return LayerTable(graph, count(graph))


def test_activation_memory_of_vgg16_is_the_lectures_sum() -> None:
    """CS231n 2017, lecture 9, counts input, convolutions, poolings and fc."""
    drawn = [row for row in layers("vgg16").rows if row.layer.op.kind in ("input", "conv", "max pool", "fc")]
    assert sum(row.activations for row in drawn) == layers("vgg16").counts.activations == 15_237_608


@given(net_specs(), st.sampled_from(["block", "stage"]), st.sampled_from([h.key for h in HEADINGS]), st.booleans())
@settings(max_examples=40, deadline=None)
def test_groups_add_up_to_the_net_however_sorted(spec: NetSpec, by: str, sort: str, descending: bool) -> None:
    assume(buildable(spec))
    graph = build(spec)
    table = LayerTable(graph, count(graph))
    groups = table.view(by=by, sort=sort, descending=descending)  # type: ignore[arg-type]
    assert sum(row.parameters for row in groups) == table.counts.parameters
    assert sum(row.flops for row in groups) == table.counts.flops
    assert sum(row.activations for row in groups) == table.counts.activations
    assert sum(len(row.members) for row in groups) == len(graph)
    opened = table.view(by=by, open_groups={row.name for row in groups})  # type: ignore[arg-type]
    assert [row.layer for row in opened if not row.is_group] == sorted(
        graph.layers, key=lambda layer: [row.layer for row in opened if not row.is_group].index(layer)
    )
    assert len([row for row in opened if not row.is_group]) == len(graph)


def test_sorting_puts_the_largest_first_and_filtering_keeps_what_has_every_word() -> None:
    table = layers("resnet50")
    sizes = [row.parameters for row in table.view(sort="parameters", descending=True)]
    assert sizes == sorted(sizes, reverse=True)
    assert [row.name for row in table.view(words="layer3.4 conv")] == [f"layer3.4.conv{n}" for n in (1, 2, 3)]
    assert table.view(words="7x7 conv") == table.view(words="7×7 CONV") != []
    assert not table.view(words="no such layer")


def test_shares_are_of_the_whole_net() -> None:
    assert math.isclose(sum(row.share for row in layers("resnet34").rows), 1)


def test_the_switch_doubles_every_flops_figure_and_nothing_else() -> None:
    table = layers("resnet18")
    once, twice = (table.table(table.rows, "", convention).rows for convention in (MULTIPLY_ADDS, COUNTING_BOTH))
    flops = [heading.key for heading in HEADINGS].index("flops")
    for one, two in zip(once, twice, strict=True):
        number = one[flops].replace(" ", "")
        assert not number or int(two[flops].replace(" ", "")) == 2 * int(number)
        assert [cell for at, cell in enumerate(one) if at != flops] == [
            cell for at, cell in enumerate(two) if at != flops
        ]


cells = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=6))
def test_csv_reads_back_as_it_was_written(rows: list[tuple[str, str]]) -> None:
    table = Table(("one", "two"), tuple(rows), (False, False))
    assert [tuple(row) for row in csv.reader(io.StringIO(table.to_csv(), newline=""))] == [("one", "two"), *rows]
    assert all(line.count("\t") == 1 for line in table.to_tsv().splitlines()) or any(
        not "".join(row).isprintable() for row in rows
    )


def test_numbers_are_copied_without_their_spaces_and_printed_with_them() -> None:
    table = layers("resnet18")
    written = table.table(table.rows[:3], "ResNet-18", MULTIPLY_ADDS)
    assert "118013952" in written.to_tsv()
    assert "118013952" in written.to_csv()
    assert "118 013 952" in written.to_markdown()
    assert r"$\times$" in written.to_latex()


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_has_every_row_and_heading(ending: str) -> None:
    table = layers("cifar-resnet20")
    text = FORMATS[ending][1](table.table(table.rows, "t", MULTIPLY_ADDS))
    assert all(heading.title in text for heading in HEADINGS)
    names = [row.name for row in table.rows]
    assert all(name in text for name in names)


def test_latex_escapes_what_it_would_read() -> None:
    text = Table(("a_b", "50%"), (("x & y", "#1"),), (False, True)).to_latex()
    assert r"a\_b & 50\%" in text
    assert r"x \& y & \#1" in text
