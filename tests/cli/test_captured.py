"""Models of other programs on the command line: shown, compared, and refused in one line."""

import json
import re
from pathlib import Path

import pytest

from resviz.cli.json_documents import CompareNets, Show
from tests.helpers.command_line import resviz

pytestmark = pytest.mark.slow
CODE = """
from torch import nn

class Net(nn.Sequential):
    def __init__(self, width=4):
        super().__init__(nn.Conv2d(3, width, 3), nn.ReLU(), nn.Conv2d(width, 8, 3, dilation=2))
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "mymodel.py"
    path.write_text(CODE, encoding="utf-8")
    return str(path)


def test_a_model_of_ones_own_is_shown_with_its_most_expensive_layer_first(model: str) -> None:
    said = resviz("show", f"{model}:Net", "--input", "3x20x20", "--sort", "flops", "--top", "1", check=True).stdout
    assert re.search(r"2 .*3×3 conv, 8, dilation 2", said)
    assert "dilation" in said
    assert "3×3 conv, 4" not in said, "the top is one row"
    assert "One run of this model, with input 3×20×20." in said
    assert "matrix products" in said, "the convention is named"


def test_its_json_is_what_the_docs_describe(model: str) -> None:
    done = resviz("show", f"{model}:Net", "--args", "{'width': 5}", "--input", "3x20x20", "--json", check=True)
    found = Show.model_validate(json.loads(done.stdout))
    assert found.params == 3 * 5 * 9 + 5 + 5 * 8 * 9 + 8
    assert (found.way, found.problem, found.classes) == ("meta", "", None)
    assert found.origin == f"{model}:Net"
    assert found.layers[-1].receptive_field is not None
    assert found.layers[-1].receptive_field.size == [7, 7]


def test_torchvisions_resnet_50_is_equal_to_ours_and_a_changed_model_is_not(model: str) -> None:
    same = resviz("compare", "torchvision-resnet50", "torchvision:resnet50", "--assert-equal")
    assert same.returncode == 0, same.stderr
    assert "The nets are equal" in same.stdout
    other = Path(model).with_name("other.py")
    other.write_text(CODE.replace("dilation=2", "dilation=3"), encoding="utf-8")
    done = resviz("compare", f"{model}:Net", f"{other}:Net", "--assert-equal", "--json", "--input", "3x20x20")
    assert done.returncode == 1
    found = CompareNets.model_validate(json.loads(done.stdout))
    assert not found.equal
    assert [layer.a for layer in found.layers if layer.what] == ["2"]


def test_a_captured_model_is_exported_and_opened_again(model: str, tmp_path: Path) -> None:
    path = tmp_path / "net.graph.json"
    resviz("export", f"{model}:Net", "--input", "3x20x20", "--to", "graph", "--out", str(path), check=True)
    shown = resviz("show", str(path), "--json", check=True)
    assert json.loads(shown.stdout)["params"] == 3 * 4 * 9 + 4 + 4 * 8 * 9 + 8
    resviz("export", str(path), "--to", "graphml", "--out", str(tmp_path / "net.graphml"), check=True)
    assert "dilation 2" in (tmp_path / "net.graphml").read_text(encoding="utf-8")
    for to, out, says in (
        ("onnx", "net.onnx", "is not written as onnx: 2: 3×3 conv, 8, dilation 2 has no place"),
        ("graph", "net.json", "net.graph.json"),
    ):
        done = resviz("export", str(path), "--to", to, "--out", str(tmp_path / out))
        assert done.returncode != 0
        assert says in done.stderr


def test_a_residual_net_of_others_is_written_as_its_depth_table(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    resviz("export", "torchvision:resnet34", "--to", "toml", "--out", str(path), check=True)
    assert "[3x3,128; 3x3,128] x4" in path.read_text(encoding="utf-8")
    done = resviz("compare", str(path), "torchvision-resnet34", "--assert-equal")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nothing.py:Net"), "there is no such file"),
        (("show", "torchvision:resnet50", "--input", "3xx"), "is not an input"),
        (("show", "torchvision:resnet50", "--args", "open('x')"), "is not a Python literal"),
        (("show", "torchvision:resnet50", "--batch", "8"), "is known for nets of Resviz only"),
        (("compare", "resnet18", "resnet34", "resnet50"), "Two nets are compared, not 3."),
    ],
)
def test_what_can_not_be_is_one_line(arguments: tuple[str, ...], says: str) -> None:
    done = resviz(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
