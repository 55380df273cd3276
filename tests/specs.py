"""Random nets for property tests."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from resviz.nets.depth_table import build
from resviz.nets.errors import NetError
from resviz.nets.notation import Cell, Stage
from resviz.nets.spec import NetSpec, validate

cells = st.builds(Cell, kernel=st.sampled_from([1, 3, 5]), filters=st.integers(1, 12))
"""Ungrouped: groups that divide what stands before them are rare among random numbers."""
stages = st.builds(Stage, cells=st.lists(cells, min_size=1, max_size=3).map(tuple), repeats=st.integers(1, 3))


STEMS = (
    "",
    "3x3,8",
    "7x7,8,/2; 3x3 max pool,/2",
    "3x3,4; 3x3,6,/2",
    "5x5,4,pad 0; LRN; 3x3 average pool,/2,pad 1; 3x3,4,C=2",
)


@st.composite
def net_specs(draw: st.DrawFn) -> NetSpec:
    """A small net of any family, or any mixture of them, that can be built."""
    values = {
        "name": draw(st.sampled_from(["net", "a net", "Netz 7"])),
        "input": f"{draw(st.integers(1, 4))}x{draw(st.integers(16, 40))}x{draw(st.integers(16, 40))}",
        "classes": draw(st.integers(1, 12)),
        "stem": draw(st.sampled_from(STEMS)),
        "stages": draw(st.lists(stages, max_size=4)),
        "shrink": draw(st.sampled_from(["stride", "pool"])),
        "unit": draw(st.sampled_from(["plain", "residual", "preactivation", "highway"])),
        "shortcut": draw(st.sampled_from("ABC")),
        "stride_in": draw(st.sampled_from(["first", "3x3"])),
        "norm": draw(st.sampled_from(["batch", "none"])),
        "norm_place": draw(st.sampled_from(["before", "after", "addition"])),
        "activation": draw(st.sampled_from(["relu", "prelu", "leaky_relu", "sigmoid", "tanh"])),
        "bias": draw(st.booleans()),
        "head": draw(
            st.sampled_from(["average pool", "", "average pool 3x3; fc 7"])
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
