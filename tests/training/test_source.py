"""A net written as a PyTorch file, or as ONNX, is the net: the same keys, and with the same weights the same output."""

import ast
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from torch import nn

from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec
from resviz.training.export.onnx import to_onnx
from resviz.training.export.pytorch_source import source
from resviz.training.modules import to_module
from tests.helpers.net_strategies import buildable, net_specs

pytestmark = pytest.mark.slow


def written(graph: Graph, device: str = "cpu") -> nn.Module:
    """The module that the file makes."""
    text = source(graph, "A net", ["about"])
    names: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "net.py", "exec"), names)
    with torch.device(device):
        net: nn.Module = names["ANet"]()
    return net


def shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in module.state_dict().items()}


@pytest.mark.parametrize("name", [name for name in catalogue.names() if not name.endswith("1202")])
def test_the_file_has_the_state_dict_of_the_net(name: str) -> None:
    graph = build(catalogue.find(name))
    with torch.device("meta"):
        ours = to_module(graph)
    assert shapes(written(graph, "meta")) == shapes(ours)


@given(net_specs())
@settings(max_examples=40, deadline=None)
def test_with_the_same_weights_any_nets_file_gives_the_same_output(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    theirs, ours = written(graph).eval(), to_module(graph).eval()
    theirs.load_state_dict(ours.state_dict(), strict=True)
    image = torch.randn(2, *graph.input_shape)
    with torch.no_grad():
        for theirs_gives, ours_gives in zip(outputs(theirs(image)), outputs(ours(image)), strict=True):
            assert torch.equal(theirs_gives, ours_gives)


def outputs(given: torch.Tensor | tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return given if isinstance(given, tuple) else (given,)


def test_a_normalized_perceptrons_file_is_the_net() -> None:
    graph = build(catalogue.find("mlp5").with_options(norm="batch", head="fc 40; fc 30"))
    theirs, ours = written(graph).eval(), to_module(graph).eval()
    assert shapes(theirs) == shapes(ours)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    image = torch.randn(2, *graph.input_shape)
    with torch.no_grad():
        assert torch.equal(theirs(image), ours(image))


def test_the_file_imports_torch_alone_and_is_read_in_one_sitting() -> None:
    for name, most in (("resnet50", 140), ("vgg16", 90), ("cifar-resnet110", 120), ("googlenet-aux", 165)):
        text = source(build(catalogue.find(name)), name, ["about"])
        tree = ast.parse(text)
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert imported <= {"__future__", "torch", "torch.nn", "collections"}
        assert len(text.splitlines()) <= most, name
        assert all(len(line) <= 120 for line in text.splitlines())


def test_a_block_that_stands_often_is_one_class_and_one_line() -> None:
    text = source(build(catalogue.find("resnet152")), "ResNet-152", ["about"])
    assert "class ResNet152(nn.Module):" in text
    assert text.count("(nn.Module):") == 4  # Add, two kinds of block, the net
    assert "*(ResidualBlock(in_channels=1024, width=256) for _ in range(35))," in text


@pytest.mark.parametrize(
    "title", ["Residual Block", "Add", "Pad-Shortcut", "none", 'x """ y', "a\\Nb", "net \\x", "\0", "7", "", "class"]
)
def test_any_name_gives_a_file_that_runs(title: str) -> None:
    graph = build(catalogue.find("cifar-resnet20"))
    text = source(graph, title, [title])
    names: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "net.py", "exec"), names)
    made = [value for value in names.values() if isinstance(value, type) and issubclass(value, nn.Module)]
    with torch.device("meta"):
        assert shapes(made[-1]()) == shapes(to_module(graph))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["cifar-resnet20", "cifar-preresnet20", "cifar-highway20"])
def test_onnx_computes_what_torch_computes_and_keeps_the_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import tqdm

    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)  # the exporter's progress bars watch themselves by a thread
    graph = build(catalogue.find(name).with_options(input="3x16x16"))
    module = to_module(graph).eval()
    monkeypatch.setattr("resviz.training.export.onnx.to_module", lambda graph: module)
    image = torch.randn(3, *graph.input_shape)
    with torch.no_grad():
        expected = module(image).numpy()
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load_from_string(to_onnx(graph))
    (got,) = ReferenceEvaluator(model).run(None, {"image": image.numpy()})
    assert np.allclose(got, expected, atol=1e-4)
    kept = {tensor.name for tensor in model.graph.initializer}
    assert kept >= {key for key in module.state_dict() if not key.endswith("num_batches_tracked")}


def test_further_outputs_have_their_layers_names_in_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx
    import tqdm

    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)
    spec = catalogue.find("cifar-resnet20").with_options(stages=["[3x3,16] x1; aux", "[3x3,32] x1"], classes=3)
    model = onnx.load_from_string(to_onnx(build(spec)))
    assert [output.name for output in model.graph.output] == ["scores", "aux1.fc2"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("levels", ["3,1", "4,2,1", "7,3,2,1"])
def test_a_pyramid_is_exported_as_an_equal_one(levels: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnx
    import tqdm
    from onnx.reference import ReferenceEvaluator

    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)
    spec = catalogue.find("cifar-resnet20").with_options(
        stages=["[3x3,16] x1"], head=f"pyramid pool {levels}; fc 4", input="3x29x23"
    )
    graph = build(spec)
    module = to_module(graph).eval()
    image = torch.randn(3, *graph.input_shape)
    with torch.no_grad():
        expected = module(image).numpy()
    monkeypatch.setattr("resviz.training.export.onnx.to_module", lambda graph: module)
    (got,) = ReferenceEvaluator(onnx.load_from_string(to_onnx(graph))).run(None, {"image": image.numpy()})
    assert np.allclose(got, expected, atol=1e-4)


def test_a_detector_is_refused_with_the_reason() -> None:
    with pytest.raises(NetError, match="regions that it looks at depend on the image"):
        to_onnx(build(catalogue.find("faster-rcnn-resnet101")))


def test_what_the_exporter_does_not_take_is_said_in_a_line_without_a_terminals_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("\x1b[31mno ONNX function\x1b[0m for this\nand a second line")

    monkeypatch.setattr(torch.onnx, "export", refuse)
    with pytest.raises(NetError, match="no ONNX function for this") as error:
        to_onnx(build(catalogue.find("lenet5")))
    assert str(error.value).isprintable()
