"""The file that a captured net is handed on in: as it was, or refused in one line."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from resviz.base.errors import NetError
from resviz.capturing.captured_net import CapturedNet, read_document, write_document
from resviz.capturing.passes import Example, capture_model
from tests.helpers import strangers


def captured(model: nn.Module, x: torch.Tensor) -> CapturedNet:
    return capture_model(model, Example((x,)), "net", "mymodel.py:Net")


NET = captured(strangers.SharesAndRepeats(), torch.zeros(1, 7, dtype=torch.int64))
CONTENT = write_document(NET)


@pytest.mark.parametrize(
    "net",
    [NET, captured(strangers.Raises(), torch.rand(1, 4)), captured(strangers.Attends(), torch.rand(1, 5, 8))],
    ids=["shares", "raises", "attends"],
)
def test_a_net_is_read_as_it_was_written(net: CapturedNet) -> None:
    assert read_document(write_document(net), "graph.json") == net


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "resviz graph 9"}, "format"),
        ({"colour": "red"}, "colour is not known"),
        ({"two\nlines": "red"}, "two lines is not known"),
        ({"layers": []}, "layers"),
        ({"layers": [{"name": "a", "op": "System", "inputs": [], "shape": [1]}]}, "System is not an operation"),
        ({"layers": [{"name": "a", "op": "ReLU", "inputs": ["b"], "shape": [1]}]}, "reads one that does not stand"),
        ({"layers": [{"name": "a", "op": "ReLU", "settings": {"x": 1}, "shape": [1]}]}, "unknown setting"),
        ({"layers": [{"name": "a", "op": "Dropout", "settings": {"p": "half"}, "shape": [1]}]}, "must be a number"),
        ({"layers": 2 * [{"name": "a", "op": "ReLU", "shape": [1]}]}, "stands twice"),
    ],
)
def test_what_is_no_net_is_refused_in_one_line(change: dict[str, object], says: str) -> None:
    content = json.dumps({**json.loads(CONTENT), **change}).encode()
    with pytest.raises(NetError, match=says) as problem:
        read_document(content, "graph.json")
    assert "\n" not in str(problem.value)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255))
def test_a_changed_byte_gives_a_net_or_one_line(place: int, value: int) -> None:
    content = bytearray(CONTENT)
    content[place] = value
    try:
        read_document(bytes(content), "graph.json")
    except NetError as error:
        assert "\n" not in str(error)
