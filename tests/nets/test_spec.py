"""A spec file is read back equal, and a wrong one is answered with what, where and what would do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.spec import NetSpec, from_toml
from tests.helpers.net_strategies import net_specs

_STAGES = 'stages = ["[3x3,64; 3x3,64] x3"]\n'


@given(net_specs())
def test_a_spec_file_is_read_back_equal(spec: NetSpec) -> None:
    assert from_toml(spec.to_toml()) == spec


@pytest.mark.parametrize("name", catalogue.names())
def test_every_catalogue_entry_is_a_spec_file(name: str) -> None:
    spec = catalogue.find(name)
    assert from_toml(spec.to_toml()) == spec


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_STAGES + 'strid_in = "3x3"', "the key 'strid_in' is not known. Did you mean 'stride_in'"),
        (_STAGES + "frobnicate = 1", "the key 'frobnicate' is not known. Known keys: name"),
        ("", "stages is missing"),
        (_STAGES + 'shortcut = "E"', "shortcut = 'E' is not known. Use one of A, B, C, D"),
        (_STAGES + "classes = 0", "classes must be at least 1, not 0"),
        (_STAGES + 'input = "224x224"', "channels x height x width"),
        (_STAGES + "input = [3, 0, 224]", "sides of 1 to 8192"),
        ('stages = ["[3x3] x3"]', "stages, entry 1: '3x3' in '\\[3x3\\] x3' is not a convolution"),
        ("stages = 3", "stages"),
        ("stages = [", "not TOML"),
        ("[" * 20000, "not TOML"),
        (_STAGES + "classes = " + "9" * 5000, "not TOML"),
        (_STAGES + "classes = 0x" + "f" * 5000, "not a number of thousands of digits"),
    ],
)
def test_a_wrong_file_is_answered_in_one_line_that_names_it(text: str, says: str) -> None:
    with pytest.raises(NetError, match=says) as error:
        from_toml(text, "nets/mine.toml")
    assert str(error.value).startswith("nets/mine.toml: ")
    assert "\n" not in str(error.value)


@given(st.text(max_size=80))
def test_any_text_is_a_spec_or_a_one_line_error(text: str) -> None:
    try:
        from_toml(text)
    except NetError as error:
        assert "\n" not in str(error)


def test_a_spec_does_not_change() -> None:
    spec = catalogue.find("resnet18")
    with pytest.raises(ValueError, match="frozen"):
        spec.norm = "none"  # type: ignore[misc]
    assert spec.with_options(norm="none").norm == "none"
    assert spec.norm == "batch"
