"""The depth table's notation reads what papers print, writes what it reads, and says in one line what it can't read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.base.errors import NetError
from resviz.nets.head_notation import Head
from resviz.nets.notation import Auxiliary, Block, Cell, Pool, Stage, Stem, parse_shape
from tests.helpers.net_strategies import stages, stages_of_all_kinds


@pytest.mark.parametrize(
    "text",
    ["[3x3,64; 3x3,64] x3", "[3×3, 64; 3×3, 64] ×3", "[ 3 x 3 , 64 ;3x3,64 ]x3", "[3X3,64; 3X3,64]*3"],
)
def test_a_stage_is_read_however_it_is_typed(text: str) -> None:
    assert Stage.parse(text) == Stage.of((Cell(3, 64), Cell(3, 64)), 3)


@pytest.mark.parametrize("text", ["[1x1,128; 3x3,128,C=32; 1x1,256] x3", "[1×1, 128; 3×3, 128, C=32; 1×1, 256] ×3"])
def test_a_cardinality_is_read_as_resnexts_table_prints_it(text: str) -> None:
    stage = Stage.of((Cell(1, 128), Cell(3, 128, groups=32), Cell(1, 256)), 3)
    assert Stage.parse(text) == stage
    assert Stage.parse(str(stage)) == stage


def test_brackets_may_be_left_out_where_nothing_repeats() -> None:
    assert Stage.parse("3x3,256; 1x1,256") == Stage.of((Cell(3, 256), Cell(1, 256)))


def test_an_inception_module_is_its_branches_side_by_side() -> None:
    text = "[1x1,64 | 1x1,96; 3x3,128 | 3x3 max pool; 1x1,32]; aux; 3x3 max pool,/2,ceil"
    block, side, pool = Stage.parse(text).parts
    assert isinstance(block, Block)
    assert block.branches == ((Cell(1, 64),), (Cell(1, 96), Cell(3, 128)), (Pool(3), Cell(1, 32)))
    assert (side, pool) == (Auxiliary(), Pool(3, 2, ceil=True))
    assert not block.is_straight
    assert Stage.parse(text).only is None


def test_a_stem_is_read_as_table_1_prints_it() -> None:
    stem = Stem((Cell(7, 64, 2), Pool(3, 2)))
    assert Stem.parse("7x7, 64, stride 2; 3x3 max pool, stride 2") == stem
    assert Stem.parse("7×7,64,/2; 3×3 max pool,/2") == stem
    assert Stem.parse("") == Stem()


@pytest.mark.parametrize(
    "text",
    [
        "5x5,6,pad 0; 2x2 average pool,/2; 5x5,16,pad 0; 2x2 average pool,/2; 5x5,120,pad 0",
        "11x11,96,/4,pad 0; 3x3 max pool,/2,pad 0; LRN; 5x5,256,C=2; 3x3 max pool,/2,pad 1; LRN",
    ],
)
def test_what_older_nets_have_in_their_stem_is_written_as_it_is_read(text: str) -> None:
    assert str(Stem.parse(text)) == text
    assert Stem.parse(text.replace("x", " × ").replace("/", "stride ").upper()) == Stem.parse(text)


@given(stages | stages_of_all_kinds)
def test_a_stage_is_written_as_it_is_read(stage: Stage) -> None:
    assert Stage.parse(str(stage)) == stage


@pytest.mark.parametrize(
    "text", ["average pool", "average pool 7x7; fc 4096; dropout 0.5", "", "pyramid pool 7,3,2,1; fc 9"]
)
def test_a_head_is_written_as_it_is_read(text: str) -> None:
    assert str(Head.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Write it like 3x3,64"),
        ("3x3", "not a convolution"),
        ("[3x3,64", "not a stage"),
        ("[3x3,64] x0", "repeats is 0. Use 1 to 2000"),
        ("[3x3,64,C=65] x1", "the cardinality is 65. Use 1 to 64"),
        ("[3x3,64,C=] x1", "not a convolution"),
        ("[3x3,0] x1", "filters is 0. Use 1 to 65536"),
        ("[3x3,1000000000] x1", "filters is 1000000000"),
        ("[3x5,64] x1", "not square"),
        ("[2x2,64] x1", "no centre"),
        ("[3x3,64,/2] x1", "Remove them"),
        ("[3x3,64,pad 0] x1", "Remove them"),
        ("[3x3,64] x99999999999999999999999", "Use 1 to 2000"),
        ("; ".join(["3x3,1"] * 65), "cells in a block is 65"),
        ("; ".join(["[3x3,1]"] * 65), "parts in a stage is 65"),
        ("[3x3,64 | ]", "not a convolution"),
        ("[3x3,64 | 3x3 max pool,/2]", "between blocks"),
        ("[3x3,64]; auxx", "not a convolution"),
        ("a plain English sentence\nin two lines", "not a convolution"),
        ("x" * 5000, "characters"),
        ("3x3,٣", "not a convolution"),
        ("[3x3,6 4] x1", "two numbers without a sign"),
        ("[3x3,x64] x1", "not a convolution"),
    ],
)
def test_what_is_no_stage_is_said_in_one_line(text: str, says: str) -> None:
    with pytest.raises(NetError, match=says) as error:
        Stage.parse(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


@given(st.text(max_size=60))
def test_any_text_is_a_stage_or_a_one_line_error(text: str) -> None:
    for parse in (Stage.parse, Stem.parse, Head.parse, parse_shape):
        try:
            parse(text)
        except NetError as error:
            assert "\n" not in str(error)


def test_an_input_shape_is_channels_height_width() -> None:
    assert parse_shape("3×224×200") == (3, 224, 200)
    with pytest.raises(NetError, match="channels x height x width"):
        parse_shape("224")
