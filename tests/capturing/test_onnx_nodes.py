"""Single nodes of ONNX, written by hand: what each of them costs, in every form that the format knows."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from resviz.analysis.counts import count
from resviz.capturing.building import make_example
from resviz.capturing.known_ops import module_kind, module_text, module_window
from resviz.capturing.model_files import capture_file
from resviz.capturing.model_source import ModelSource, parse_source
from resviz.nets.graph import Graph
from resviz.nets.op import Window
from resviz.nets.ops import Conv2d


def net_of(tmp_path: Path, operator: str, inputs: dict[str, tuple[int, ...]], weights: Any, **settings: Any) -> Graph:
    """Return the graph of a file with one node. `weights` are arrays by the names of the node's further inputs."""
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    node = helper.make_node(operator, [*inputs, *weights], ["y"], name="one", **settings)
    constants = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()]
    graph = helper.make_graph([node], "one", values, [out], constants)
    path = tmp_path / "one.onnx"
    onnx.save_model(helper.make_model(graph), str(path))
    source = parse_source(str(path))
    assert source is not None
    return capture_file(source).graph


@pytest.mark.parametrize("transposed", [0, 1])
def test_a_gemm_costs_the_same_whichever_way_its_weight_lies(tmp_path: Path, transposed: int) -> None:
    weight = np.zeros((7, 5) if transposed else (5, 7))
    graph = net_of(tmp_path, "Gemm", {"x": (1, 5)}, {"w": weight, "b": np.zeros(7)}, transB=transposed)
    assert count(graph).flops == 5 * 7
    assert count(graph).parameters == 5 * 7 + 7


def test_a_product_with_a_weight_costs_as_much_as_one_of_two_maps(tmp_path: Path) -> None:
    weight = net_of(tmp_path, "MatMul", {"x": (1, 4, 6)}, {"w": np.zeros((6, 9))})
    assert (count(weight).flops, count(weight).parameters) == (4 * 6 * 9, 6 * 9)
    both = net_of(tmp_path, "MatMul", {"x": (1, 4, 6), "z": (1, 6, 9)}, {})
    assert (count(both).flops, count(both).parameters) == (4 * 6 * 9, 0)


@pytest.mark.parametrize(("settings", "side"), [({}, 6), ({"pads": [1, 1, 1, 1]}, 8), ({"pads": [0, 1, 0, 1]}, 6)])
def test_a_convolution_without_pads_has_none(tmp_path: Path, settings: dict[str, Any], side: int) -> None:
    graph = net_of(tmp_path, "Conv", {"x": (1, 2, 8, 8)}, {"w": np.zeros((4, 2, 3, 3))}, **settings)
    pads = settings.get("pads", [0, 0, 0, 0])
    known = isinstance(graph.output.op, Conv2d)
    assert known == (pads[0] == pads[1]), "our convolutions are padded alike on all sides"
    assert graph.output.shape[1] == side
    assert count(graph).flops == 4 * 2 * 3 * 3 * graph.output.shape[1] * graph.output.shape[2]


def test_a_pool_without_pads_sees_its_kernel_alone(tmp_path: Path) -> None:
    graph = net_of(tmp_path, "MaxPool", {"x": (1, 2, 8, 8)}, {}, kernel_shape=[2, 2], strides=[2, 2])
    assert graph.output.op.window(((2, 8, 8),)) == Window((2, 2), (2, 2), 0)


@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_a_convolution_that_keeps_the_size_is_padded_by_half_its_window(kernel: int) -> None:
    conv = nn.Conv2d(4, 4, kernel, padding="same", dilation=2)
    assert module_window(conv) == Window((2 * kernel - 1, 2 * kernel - 1), (1, 1), kernel - 1)


def test_modules_have_the_words_of_the_papers() -> None:
    class OwnLinear(nn.Linear):
        pass

    assert (module_kind(OwnLinear(3, 4)), module_text(OwnLinear(3, 4))) == ("fc", "fc, 4")
    assert module_kind(nn.LayerNorm(3)) == "layer norm"
    assert module_kind(nn.Conv3d(1, 1, 1)) == "conv"
    assert module_kind(nn.ConvTranspose1d(1, 1, 1)) == "transposed conv"


@pytest.mark.parametrize("module", [nn.LSTM(6, 4), nn.Linear(6, 4), nn.Conv1d(6, 4, 3)])
def test_an_example_is_one_sample_that_the_first_layer_takes(module: nn.Module) -> None:
    (example,) = make_example(ModelSource("python", "own.py"), module).args
    assert isinstance(example, torch.Tensor)
    assert len(example) == 1
    module(example)
