"""Random nets for property tests."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from resviz.base.errors import NetError
from resviz.nets.block_types import BLOCKS
from resviz.nets.build import build
from resviz.nets.notation import LRN, Auxiliary, Block, Cell, Pool, Stage
from resviz.nets.spec import NetSpec, validate

cells = st.builds(Cell, kernel=st.sampled_from([1, 3, 5]), filters=st.integers(1, 12))
"""Ungrouped: groups that divide what stands before them are rare among random numbers."""
one_branch = st.lists(cells, min_size=1, max_size=3).map(lambda cells: (tuple(cells),))
straight = st.builds(Block, one_branch, st.integers(1, 3))
branching = st.builds(
    Block,
    st.lists(st.lists(cells | st.just(Pool(3)), min_size=1, max_size=2).map(tuple), min_size=2, max_size=4).map(tuple),
    st.integers(1, 2),
)
others = st.sampled_from([Pool(2, 2), Pool(3, 2, ceil=True), Pool(3, 2, mean=True), LRN(), Auxiliary()])
stages = straight.map(lambda block: Stage((block,)))
stages_of_all_kinds = st.builds(
    lambda block, before, behind: Stage((*before, block, *behind)),
    straight | branching,
    st.lists(others, max_size=2),
    st.lists(straight | branching | others, max_size=2),
)


STEMS = (
    "",
    "3x3,8",
    "7x7,8,/2; 3x3 max pool,/2",
    "3x3,4; 3x3,6,/2",
    "5x5,4,pad 0; LRN; 3x3 average pool,/2,pad 1; 3x3,4,C=2",
)
PLACES = ("FCN-1s", "fc 5; FCN-2s", "FCN-4s", "Faster R-CNN")
"""Heads that answer at places; many a random net can't have them."""
UNITS = tuple(BLOCKS)


@st.composite
def net_specs(draw: st.DrawFn) -> NetSpec:
    """A small net of any family, or any mixture of them, that can be built."""
    branches = draw(st.booleans())
    values = {
        "name": draw(st.sampled_from(["net", "a net", "Netz 7"])),
        "input": f"{draw(st.integers(1, 4))}x{draw(st.integers(16, 40))}x{draw(st.integers(16, 40))}",
        "classes": draw(st.integers(1, 12)),
        "stem": draw(st.sampled_from(STEMS)),
        "stages": draw(st.lists(stages_of_all_kinds if branches else stages, max_size=4)),
        "shrink": draw(st.sampled_from(["none", "pool"] if branches else ["stride", "pool", "none"])),
        "unit": "plain" if branches else draw(st.sampled_from(UNITS)),
        "shortcut": draw(st.sampled_from("ABCD")),
        "stride_in": draw(st.sampled_from(["first", "3x3"])),
        "norm": draw(st.sampled_from(["batch", "none"])),
        "norm_place": draw(st.sampled_from(["before", "after", "addition", "convolution"])),
        "activation_place": draw(st.sampled_from(["after", "before"])),
        "columns": draw(st.integers(1, 4)),
        "activation": draw(st.sampled_from(["relu", "prelu", "leaky_relu", "sigmoid", "tanh"])),
        "bias": draw(st.booleans()),
        "head": draw(
            st.sampled_from(["average pool", "", "average pool 3x3; fc 7", "pyramid pool 3,1; fc 9; fc 9", *PLACES])
            | st.floats(0, 1, exclude_max=True).map(lambda p: f"fc 9; dropout {Decimal(repr(p)):f}")
        ),
    }
    return validate(values)


def buildable(spec: NetSpec) -> bool:
    try:
        build(spec)
    except NetError:
        return False
    return True
