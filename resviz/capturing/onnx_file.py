"""An ONNX file as a graph: its nodes as calls, its weights as parameters. Nothing is run, and no weights are needed.

A node that torch has a module for becomes that module, so that it is counted, named and drawn as a captured one is.
Its name is that of its weights' module, where the file has it.
"""

from __future__ import annotations

import ast
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import onnx
import torch
from google.protobuf.message import DecodeError
from torch import Tensor, nn

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.capturing import costs
from resviz.capturing.assembling import assemble
from resviz.capturing.calls import Call, Recording
from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.known_ops import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SCOPES = ("pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy")
"""Where PyTorch's exporter writes the paths and classes of the modules around a node, the outermost first."""
MAX_FILE = 2_000_000_000
_MAX_NODES = 200_000
_FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16, onnx.TensorProto.DOUBLE}
_OPERATORS = {"Add": "aten.add", "Concat": "aten.cat", "Relu": "aten.relu", "Sum": "aten.add"}
"""Nodes that are operators of torch which are ops of ours."""
_STATISTICS = {"BatchNormalization": (3, 4)}
"""Inputs of a node that are not learned."""


def capture_onnx(path: Path, origin: str) -> CapturedNet:
    """Return the graph of an ONNX file. Raise NetError in one line if it is none."""
    if path.stat().st_size > MAX_FILE:
        raise NetError(
            _("{path} is larger than {most} GB. Save its weights apart.").format(path=path, most=MAX_FILE // 10**9)
        )
    try:
        model = onnx.load(str(path), load_external_data=False)
    except (DecodeError, ValueError, OSError) as error:
        raise NetError(_("{path} is no ONNX file: {reason}").format(path=path, reason=_line(error))) from None
    if not model.graph.node:
        raise NetError(_("{path} is no ONNX file: it has no nodes.").format(path=path))
    texts = (text for node in model.graph.node for text in (node.op_type, node.name, *node.input, *node.output))
    if not all(isinstance(text, str) for text in texts):  # the parser leaves what is no UTF-8 as bytes
        raise NetError(_("{path} is no ONNX file: the names in it are damaged.").format(path=path))
    if len(model.graph.node) > _MAX_NODES:
        raise NetError(_("{path} has more than {most} nodes.").format(path=path, most=_MAX_NODES))
    with suppress(Exception):  # whatever a damaged graph raises there: shapes are then those that the file has
        model = onnx.shape_inference.infer_shapes(model, data_prop=True)
    recording, sizes = _record(model.graph, path)
    return CapturedNet(assemble(path.stem, recording, sizes), origin, "file", modules=len(model.graph.node))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _record(graph: Any, path: Path) -> tuple[Recording, dict[str, int]]:
    """Return the nodes as calls, and the numbers of the learned parameters by name."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    shapes = {name: tuple(tensor.dims) for name, tensor in weights.items()}
    for value in (*graph.value_info, *graph.input, *graph.output):
        shapes.setdefault(value.name, _shape(value))
    recording, makers = Recording(), dict[str, int]()
    sizes: dict[str, int] = {}
    names: Counter[str] = Counter()
    for value in graph.input:
        if value.name not in weights:
            makers[value.name] = len(recording.calls)
            recording.calls.append(Call("input", "", _clean(value.name) or "input", shape=shapes[value.name]))
    known = {*makers, *weights, ""}
    for node in graph.node:
        missing = [name for name in node.input if name not in known]
        if missing:
            raise NetError(
                _("{path}: the node {node} reads {value}, which no node before it makes.").format(
                    path=path, node=(node.name or node.op_type)[:80], value=missing[0][:80]
                )
            )
        known |= set(node.output)
        call = _call(node, weights, shapes, sizes, names)
        call.inputs = list(dict.fromkeys(makers[name] for name in node.input if name in makers))
        call.input_shapes = [shapes.get(name, ()) for name in dict.fromkeys(n for n in node.input if n in makers)]
        makers.update(dict.fromkeys(node.output, len(recording.calls)))
        recording.calls.append(call)
    recording.outputs = [makers[value.name] for value in graph.output if value.name in makers]
    return recording, sizes


def _call(
    node: Any, weights: dict[str, Any], shapes: dict[str, Any], sizes: dict[str, int], names: Counter[str]
) -> Call:
    """Return a node as a call, and note its learned parameters."""
    statistics = _STATISTICS.get(node.op_type, ())
    learned = [
        name
        for place, name in enumerate(node.input)
        if name in weights
        and weights[name].data_type in _FLOATS
        and place not in statistics
        and _counts(node, weights[name])
    ]
    sizes.update({name: _numel(shapes[name]) for name in learned})
    out = shapes.get(node.output[0], ()) if node.output else ()
    module = _module(node, shapes)
    block, name = _place(node, learned)
    operator = _OPERATORS.get(node.op_type, f"onnx.{words(node.op_type).replace(' ', '_')}")
    call = Call(operator, block, name, parameters=learned, shape=out, module=module)
    if module is not None:
        call.path = name or f"{block}.{operator.partition('.')[2]}".lstrip(".")
        call.time = names[call.path]
        names[call.path] += 1
    call.products = _products(node, shapes, out)
    return call


def _counts(node: Any, weight: Any) -> bool:
    """Return whether a constant is a parameter: numbers like an epsilon or a scale are none."""
    return (
        bool(weight.dims)
        and _numel(tuple(weight.dims)) > 1
        and node.op_type not in ("Resize", "Pad", "Clip", "Reshape")
    )


def _place(node: Any, learned: list[str]) -> tuple[str, str]:
    """Return the module that a node is in, and its own name there if the file has one.

    A weight is named after its module; PyTorch's exporter also writes the modules around each node.
    """
    module = learned[0].rpartition(".")[0] if learned else ""
    if module:
        return _clean(module.rpartition(".")[0]), _clean(module)
    scopes, classes = (_list(node, key) for key in _SCOPES)
    if len(scopes) > 1:
        inner = _clean(scopes[-2])
        is_module = len(classes) == len(scopes) and classes[-2].startswith("torch.nn.modules.")
        return (_clean(inner.rpartition(".")[0]), inner) if is_module else (inner, "")
    name = _clean((node.name or "").strip("/").replace("/", "."))
    return name.rpartition(".")[0], name


def _list(node: Any, key: str) -> list[str]:
    """Return a list of texts that an exporter wrote beside a node."""
    text = next((entry.value for entry in node.metadata_props if entry.key == key), "")
    try:
        found = ast.literal_eval(text) if text else []
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return [str(part) for part in found] if isinstance(found, list) else []


def _clean(name: str) -> str:
    return " ".join(name.split())[:200]


def _shape(value: Any) -> tuple[int, ...]:
    """Return a value's shape; an axis without a size, such as the batch's, is 1."""
    if not value.type.HasField("tensor_type"):
        return ()
    return tuple(max(1, axis.dim_value) for axis in value.type.tensor_type.shape.dim)


def _numel(shape: tuple[int, ...]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total


def _settings(node: Any) -> dict[str, Any]:
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _pair(values: Any, default: int) -> tuple[int, int]:
    return (int(values[0]), int(values[1])) if values is not None and len(values) == 2 else (default, default)


def _conv(node: Any, shapes: dict[str, Any]) -> nn.Module | None:
    given, weight = _settings(node), shapes.get(node.input[1], ())
    pads = list(given.get("pads", (0, 0, 0, 0)))
    if len(weight) != 4 or len(pads) != 4 or pads[:2] != pads[2:] or given.get("auto_pad", b"NOTSET") != b"NOTSET":
        return None
    groups = int(given.get("group", 1))
    return nn.Conv2d(
        weight[1] * groups,
        weight[0],
        weight[2:],
        _pair(given.get("strides"), 1),
        (pads[0], pads[1]),
        _pair(given.get("dilations"), 1),
        groups,
        bias=len(node.input) > 2 and bool(node.input[2]),
    )


def _gemm(node: Any, shapes: dict[str, Any]) -> nn.Module | None:
    given, weight = _settings(node), shapes.get(node.input[1], ())
    if len(weight) != 2:
        return None
    out, into = weight if given.get("transB", 0) else weight[::-1]
    return nn.Linear(into, out, bias=len(node.input) > 2)


def _norm(node: Any, shapes: dict[str, Any]) -> nn.Module | None:
    dimensions = len(shapes.get(node.input[0], ()))
    (channels,) = shapes.get(node.input[1], (0,))
    kind = {4: nn.BatchNorm2d, 2: nn.BatchNorm1d}.get(dimensions)
    return kind(channels, _settings(node).get("epsilon", 1e-5)) if kind is not None and channels else None


def _pool(kind: Callable[..., nn.Module]) -> Callable[[Any, dict[str, Any]], nn.Module | None]:
    def make(node: Any, shapes: dict[str, Any]) -> nn.Module | None:
        given = _settings(node)
        pads = list(given.get("pads", (0, 0, 0, 0)))
        if len(given.get("kernel_shape", ())) != 2 or len(pads) != 4 or pads[:2] != pads[2:]:
            return None
        return kind(
            _pair(given["kernel_shape"], 1),
            _pair(given.get("strides"), 1),
            (pads[0], pads[1]),
            ceil_mode=bool(given.get("ceil_mode", 0)),
        )

    return make


_MODULES: dict[str, Callable[[Any, dict[str, Any]], nn.Module | None]] = {
    "Conv": _conv,
    "Gemm": _gemm,
    "BatchNormalization": _norm,
    "MaxPool": _pool(nn.MaxPool2d),
    "AveragePool": _pool(nn.AvgPool2d),
    "GlobalAveragePool": lambda node, shapes: nn.AdaptiveAvgPool2d(1),
    "Flatten": lambda node, shapes: nn.Flatten(),
    "Sigmoid": lambda node, shapes: nn.Sigmoid(),
    "Tanh": lambda node, shapes: nn.Tanh(),
    "Dropout": lambda node, shapes: nn.Dropout(),
    "LeakyRelu": lambda node, shapes: nn.LeakyReLU(_settings(node).get("alpha", 0.01)),
    "Gelu": lambda node, shapes: nn.GELU(),
}
"""Modules of torch that are nodes of ONNX. Adding one is an entry here."""


def _module(node: Any, shapes: dict[str, Any]) -> nn.Module | None:
    make = _MODULES.get(node.op_type)
    if make is None:
        return None
    try:
        with torch.device("meta"):
            return make(node, shapes)
    except (ValueError, TypeError, RuntimeError, IndexError):  # settings that no module can have
        return None


def _products(node: Any, shapes: dict[str, Any], out: tuple[int, ...]) -> list[costs.Factors]:
    """Return what a node multiplies, by the rules for torch's operators on tensors of these shapes."""
    given = [shapes.get(name, ()) for name in node.input]
    try:
        if node.op_type == "Conv":
            return costs.products(
                "aten.convolution", (_meta(given[0]), _meta(given[1]), *(None,) * 4, False), _meta(out)
            )
        if node.op_type == "ConvTranspose":
            return costs.products(
                "aten.convolution", (_meta(given[0]), _meta(given[1]), *(None,) * 4, True), _meta(out)
            )
        if node.op_type == "Gemm":
            settings = _settings(node)
            a = given[0][::-1] if settings.get("transA", 0) else given[0]
            b = given[1] if settings.get("transB", 0) else given[1][::-1]
            return costs.products("aten.linear", (_meta(a), _meta(b)), None)
        if node.op_type == "MatMul" and given[0] and given[1]:
            return costs.products("aten.matmul", (_meta(given[0]), _meta(given[1])), _meta(out))
    except (RuntimeError, IndexError, ValueError, KeyError):  # shapes that the file does not have, or wrong ones
        return []
    return []


def _meta(shape: tuple[int, ...]) -> Tensor:
    return torch.empty(shape, device="meta")
