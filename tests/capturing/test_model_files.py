"""Files with models: ONNX gives a graph, tensors give a tree, and a damaged file one line."""

import warnings
from importlib.util import find_spec
from pathlib import Path

import onnx
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from safetensors.torch import save_file
from torch import nn

from resviz.analysis.counts import count
from resviz.base.errors import NetError
from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.model_files import capture_file
from resviz.capturing.model_source import parse_source
from resviz.capturing.passes import Example, capture_model


class Small(nn.Module):
    """A block with a projection, and a product of matrices."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
        self.conv3 = nn.Conv2d(6, 6, 1)
        self.project = nn.Conv2d(4, 6, 1, stride=2)
        self.norm = nn.LayerNorm(6)
        self.fc = nn.Linear(6, 5)
        self.up = nn.ConvTranspose2d(6, 2, 2, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv1(x))
        x = torch.relu(self.conv3(torch.relu(self.conv2(x))) + self.project(x))
        tokens = self.norm(x.flatten(2).transpose(1, 2))
        attended = (tokens @ tokens.transpose(1, 2)).softmax(-1) @ tokens
        return self.fc(attended.mean(1)) + self.up(x).mean((2, 3)).sum()


IMAGE = torch.rand(1, 3, 8, 8)


def read(path: Path) -> CapturedNet:
    source = parse_source(str(path))
    assert source is not None
    return capture_file(source)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "small.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(Small().eval(), (IMAGE,), str(path), dynamo=True, verbose=False)
    return path


def test_an_onnx_file_has_the_costs_and_names_of_the_model_that_it_was_made_from(exported: Path) -> None:
    net, model = read(exported), Small()
    theirs = count(capture_model(model, Example((IMAGE,)), "small").graph)
    ours = count(net.graph)
    assert ours.flops == theirs.flops
    assert ours.parameters == theirs.parameters == sum(tensor.numel() for tensor in model.parameters())
    assert net.way == "file"
    assert net.description == "What the file says, with input 3×8×8."
    assert {"conv1", "conv2", "project", "fc"} <= {layer.name for layer in net.graph.layers}
    (block,) = net.graph.residual_blocks[:1]
    assert (block.source, block.shortcut) == (net.graph["conv2"].inputs[0], "project")


def test_a_file_of_tensors_says_that_it_has_no_graph(tmp_path: Path) -> None:
    save_file({"conv.weight": torch.zeros(2, 3, 1, 1)}, str(tmp_path / "net.safetensors"))
    assert read(tmp_path / "net.safetensors").description.startswith("The tensors of the file.")


def test_an_onnx_file_needs_no_weights(exported: Path, tmp_path: Path) -> None:
    model = onnx.load(str(exported))
    onnx.save_model(model, str(tmp_path / "apart.onnx"), save_as_external_data=True, location="data", size_threshold=0)
    (tmp_path / "data").unlink()
    assert count(read(tmp_path / "apart.onnx").graph).parameters == count(read(exported).graph).parameters


def test_a_node_that_reads_what_comes_later_is_named(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Relu", ["b"], ["a"], name="first"),
        helper.make_node("Relu", ["a"], ["b"], name="second"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])
    y = helper.make_tensor_value_info("b", TensorProto.FLOAT, [1, 3])
    onnx.save_model(helper.make_model(helper.make_graph(nodes, "cycle", [x], [y])), str(tmp_path / "cycle.onnx"))
    with pytest.raises(NetError, match="the node first reads b, which no node before it makes"):
        read(tmp_path / "cycle.onnx")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), place=st.floats(0, 1), value=st.integers(0, 255))
def test_a_damaged_onnx_file_is_read_or_refused_in_one_line(
    exported: Path, tmp_path: Path, cut: float, place: float, value: int
) -> None:
    content = bytearray(exported.read_bytes())
    content[int(place * (len(content) - 1))] = value
    path = tmp_path / "damaged.onnx"
    path.write_bytes(content[: max(1, int((0.5 + cut / 2) * len(content)))] if cut < 0.5 else content)
    try:
        read(path)
    except NetError as error:
        assert "\n" not in str(error)


def test_safetensors_and_state_dicts_give_their_tensors_by_module(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    save_file(model.state_dict(), tmp_path / "a.safetensors")
    torch.save(model.state_dict(), tmp_path / "b.pth")
    torch.save({"epoch": 3, "state_dict": model.state_dict()}, tmp_path / "c.pt")
    for name in ("a.safetensors", "b.pth", "c.pt"):
        net = read(tmp_path / name)
        assert sorted(layer.name for layer in net.graph.layers) == ["0", "1", "3"]
        assert count(net.graph).parameters == sum(tensor.numel() for tensor in model.parameters())
        assert "weight 4×3×3×3" in net.graph["0"].op.label()
        assert count(net.graph).flops == 0, "a file of tensors does not say what is done with them"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.onnx", b"nothing of the kind", "is no ONNX file"),
        ("a.onnx", b"", "is no ONNX file"),
        ("a.safetensors", b"\xff" * 50, "a.safetensors"),
        ("a.safetensors", b"", "a.safetensors"),
        ("a.pth", b"PK\x03\x04 and no more", "a.pth"),
        ("a.pth", b"", "a.pth"),
        ("a.pt2", b"PK and no more", "a.pt2"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NetError, match=says) as problem:
        read(tmp_path / name)
    assert "\n" not in str(problem.value)
    with pytest.raises(NetError, match="there is no such file"):
        read(tmp_path / f"b{name}")


@pytest.fixture(autouse=True)
def _no_progress_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("tqdm"):  # with it torch's reader of exported programs shows its progress
        monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)


def test_an_exported_program_is_run_with_its_own_example(tmp_path: Path) -> None:
    model = Small().eval()
    torch.export.save(torch.export.export(model, (IMAGE,)), str(tmp_path / "small.pt2"))
    net = read(tmp_path / "small.pt2")
    assert net.problem == ""
    counts = count(net.graph)
    assert counts.parameters == sum(tensor.numel() for tensor in model.parameters())
    assert counts.flops == count(capture_model(model, Example((IMAGE,)), "small").graph).flops
    assert any(layer.name.startswith("conv1") for layer in net.graph.layers)


def test_a_pickled_model_is_not_run_and_the_way_out_is_said(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "whole.pth")
    with pytest.raises(NetError, match="holds Python objects, not only tensors. Open the code that builds the model"):
        read(tmp_path / "whole.pth")
