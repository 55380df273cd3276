"""Files that hold a model or its weights: what they say is read, and no code of theirs is run."""

from __future__ import annotations

import pickle
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.passes import Example, capture_model
from resviz.capturing.stages import name_stages
from resviz.nets.graph import Graph, Layer
from resviz.nets.op import Shape, Term, format_shape
from resviz.nets.ops.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.capturing.model_source import ModelSource

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
"""Tensors of a state dict that are not learned."""
_NESTED = ("state_dict", "model", "model_state_dict", "net")
"""Keys under which training scripts keep a state dict."""
_MAX_TENSORS = 200_000


def capture_file(source: ModelSource) -> CapturedNet:
    """Return what a file holds as a graph. Raise NetError in one line if it can't be read."""
    path = Path(source.name)
    if not path.is_file():
        raise NetError(_("{path}: there is no such file.").format(path=source.name))
    if source.kind == "onnx":
        from resviz.capturing.onnx_file import capture_onnx

        return capture_onnx(path, source.text)
    return _exported(path, source.text) if source.kind == "pt2" else _tensor_tree(path, source.text)


def _exported(path: Path, origin: str) -> CapturedNet:
    """Return what an exported program does, by one run of it with the example that it holds."""
    try:
        program = torch.export.load(str(path))
        if program.example_inputs is None:
            raise NetError(_("{path} has no example of its inputs. Export it again with one.").format(path=path))
        args, kwargs = program.example_inputs
        model = torch.export.unflatten(program)
    except NetError:
        raise
    except Exception as error:  # a damaged archive raises whatever its reader does
        raise NetError(f"{path}: {' '.join(str(error).split())[:200]}") from None
    return capture_model(model, Example(args, kwargs), path.stem, origin)


def _tensor_tree(path: Path, origin: str) -> CapturedNet:
    """Return the tensors of a file by module: a layer for each, without connections, which the file does not say."""
    shapes = _safetensors(path) if path.suffix.lower() == ".safetensors" else _state_dict(path)
    if not shapes:
        raise NetError(_("{path} holds no tensors.").format(path=path))
    if len(shapes) > _MAX_TENSORS:
        raise NetError(_("{path} holds more than {most} tensors.").format(path=path, most=_MAX_TENSORS))
    layers: list[Layer] = []
    for module, found in groupby(shapes, key=lambda name: name.rpartition(".")[0]):
        names = [name for name in found if not name.endswith(_STATISTICS)]
        if not names:
            continue
        learned = tuple(_term(name.rpartition(".")[2], shapes[name]) for name in names)
        largest = max((shapes[name] for name in names), key=len)
        text = ", ".join(f"{name.rpartition('.')[2]} {format_shape(shapes[name]) or '1'}" for name in names)
        op = Recorded(kind="tensors", shape=largest, text=text, learned=learned)
        parent = module.rpartition(".")[0]
        layers.append(Layer(_free(module or "model", layers), op, (), largest, block=parent))
    return CapturedNet(name_stages(Graph(path.stem, tuple(layers))), origin, "file", modules=len(layers))


def _free(name: str, layers: list[Layer]) -> str:
    """Return a name that no layer has: a file may list the tensors of a module apart."""
    taken = {layer.name for layer in layers}
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}#{number}", number + 1
    return free


def _term(name: str, shape: Shape) -> Term:
    return Term(name, tuple((side, f"axis {axis}") for axis, side in enumerate(shape, 1)) or ((1, "number"),))


def _safetensors(path: Path) -> dict[str, Shape]:
    """Return the shapes that a file's header says; the tensors are not read."""
    try:
        with safe_open(path, "pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError, ValueError) as error:
        raise NetError(f"{path}: {' '.join(str(error).split())[:200]}") from None


def _state_dict(path: Path) -> dict[str, Shape]:
    """Return the shapes of a file of PyTorch, read without running code of it."""
    try:
        found: Any = torch.load(path, map_location="meta", weights_only=True)
    except pickle.UnpicklingError:
        raise NetError(
            _(
                "{path} holds Python objects, not only tensors. Open the code that builds the model: FILE.py:NAME, or "
                "save its state_dict()."
            ).format(path=path)
        ) from None
    except Exception as error:  # a damaged archive raises whatever its reader does
        raise NetError(f"{path}: {' '.join(str(error).split())[:200]}") from None
    return dict(_shapes(found))


def _shapes(found: Any) -> Mapping[str, Shape]:
    if not isinstance(found, dict):
        return {}
    nested = next((found[key] for key in _NESTED if isinstance(found.get(key), dict)), None)
    if nested is not None:
        return _shapes(nested)
    return {str(key): tuple(value.shape) for key, value in found.items() if isinstance(value, Tensor)}
