"""The modules and operators of torch that are ops of ours: they keep explanation, receptive field and memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from torch import nn

from resviz.nets import ops
from resviz.nets.op import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.nets.op import Op

Shapes = tuple[tuple[int, ...], ...]

_PLACEWISE = frozenset(
    "abs add add_ alias bernoulli batch_norm cat celu celu_ clamp clamp_ clip clone contiguous detach div div_ dropout "
    "elu elu_ exp gelu gelu_ hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_ leaky_relu leaky_relu_ "
    "log mish mish_ mul mul_ neg neg_ pow prelu relu relu_ relu6 relu6_ rsqrt selu selu_ sigmoid sigmoid_ silu silu_ "
    "softplus sqrt sub sub_ tanh tanh_ to _to_copy where".split()
)
"""Operators that compute each place of a map from that place of its inputs."""
_NONLINEAR = frozenset(
    "celu elu gelu hardsigmoid hardswish hardtanh leaky_relu mish prelu relu relu6 selu sigmoid silu softplus "
    "tanh".split()
)


def known_op(module: nn.Module, inputs: Shapes) -> Op | None:
    """Return the op that a module of torch's is, or None if it is none of ours."""
    make = _MODULES.get(type(module))
    return make(module, inputs) if make is not None else None


def is_nonlinear(operator: str) -> bool:
    """Return whether an operator is an activation."""
    return operator.removeprefix("aten.").rstrip("_") in _NONLINEAR


def operator_window(operator: str) -> Window | None:
    """Return what one place of an operator's output looks at: its own place, or None where nobody can say."""
    return Window() if operator.removeprefix("aten.") in _PLACEWISE else None


def module_window(module: nn.Module) -> Window | None:
    """Return what one place of a module's output looks at, for a module that is not one of our ops."""
    if isinstance(module, nn.Conv2d):
        height, width = (
            (kernel - 1) * dilation + 1 for kernel, dilation in zip(module.kernel_size, module.dilation, strict=True)
        )
        padding = module.padding[0] if isinstance(module.padding, tuple) else (height - 1) // 2
        return Window((height, width), (module.stride[0], module.stride[1]), int(padding))
    return Window() if isinstance(module, _PLACEWISE_MODULES) else None


def module_text(module: nn.Module) -> str:
    """Return the text in the box of a module that is not one of our ops."""
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        size = "×".join(map(str, module.kernel_size))
        more = [f"C={module.groups}"] if module.groups > 1 else []
        more += [f"/{module.stride[0]}"] if max(module.stride) > 1 else []
        more += [f"dilation {module.dilation[0]}"] if max(module.dilation) > 1 else []
        return ", ".join([f"{size} conv, {module.out_channels}", *more])
    if isinstance(module, nn.Linear):
        return f"fc, {module.out_features}"
    if isinstance(module, nn.LayerNorm):
        return "layer norm"
    if isinstance(module, nn.Embedding):
        return f"embedding, {module.num_embeddings}×{module.embedding_dim}"
    if isinstance(module, nn.RNNBase):
        return f"{module.mode}, {module.hidden_size}" + (
            f", {module.num_layers} layers" if module.num_layers > 1 else ""
        )
    return words(type(module).__name__)


def module_kind(module: nn.Module) -> str:
    """Return the kind of a module that is not one of our ops."""
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        return "conv"
    if isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)):
        return "transposed conv"
    if isinstance(module, nn.Linear):
        return "fc"
    return words(type(module).__name__)


def is_weighted(module: nn.Module) -> bool:
    """Return whether the papers count a module as a layer."""
    return isinstance(module, _WEIGHTED)


def words(name: str) -> str:
    """Return the name of a class as words: LayerNorm is "layer norm", GELU "gelu", ReLU6 "relu6"."""
    if re.fullmatch(r"\w{1,4}LU\d?", name):
        return name.lower()
    found = ""
    for place, letter in enumerate(name):
        follows_small = place > 0 and name[place - 1].islower()
        ends_capitals = 0 < place < len(name) - 1 and name[place - 1].isupper() and name[place + 1].islower()
        if letter.isupper() and (follows_small or ends_capitals):
            found += " "
        found += letter.lower()
    return found


def side_of(value: Any) -> int | None:
    """Return the side of a square, or None."""
    if isinstance(value, int):
        return value
    one = isinstance(value, tuple | list) and len(set(value)) == 1 and isinstance(value[0], int)
    return value[0] if one else None


_WEIGHTED = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
    nn.Linear,
    nn.Bilinear,
)
_PLACEWISE_MODULES = (
    nn.CELU,
    nn.ELU,
    nn.GELU,
    nn.GroupNorm,  # of its statistics, which see all places, the convention takes no notice: as of batch norm's
    nn.Hardsigmoid,
    nn.Hardswish,
    nn.Hardtanh,
    nn.InstanceNorm2d,
    nn.LayerNorm,
    nn.Mish,
    nn.ReLU6,
    nn.SELU,
    nn.SiLU,
    nn.Softplus,
    nn.Dropout2d,
)


def _conv2d(module: Any, inputs: Shapes) -> Op | None:
    kernel, stride, padding = module.kernel_size, module.stride, module.padding
    square = kernel[0] == kernel[1] and stride[0] == stride[1] and set(module.dilation) == {1}
    if not square or isinstance(padding, str) or padding[0] != padding[1] or module.padding_mode != "zeros":
        return None
    return ops.Conv2d(
        module.in_channels,
        module.out_channels,
        kernel[0],
        stride[0],
        padding[0],
        module.groups,
        bias=module.bias is not None,
    )


def _transposed(module: Any, inputs: Shapes) -> Op | None:
    pairs = (module.kernel_size, module.stride, module.padding)
    plain = (
        module.groups == 1 and module.bias is None and set(module.output_padding) == {0} and set(module.dilation) == {1}
    )
    if not plain or any(a != b for a, b in pairs):
        return None
    return ops.ConvTranspose2d(module.in_channels, module.out_channels, *(pair[0] for pair in pairs))


def _linear(module: Any, inputs: Shapes) -> Op | None:
    vector = len(inputs) == 1 and len(inputs[0]) == 1
    return ops.Linear(module.in_features, module.out_features, bias=module.bias is not None) if vector else None


def _norm(op: Callable[..., Op], dimensions: int) -> Callable[[Any, Shapes], Op | None]:
    def make(module: Any, inputs: Shapes) -> Op | None:
        ours = module.affine and module.track_running_stats and all(len(shape) == dimensions for shape in inputs)
        return op(module.num_features, module.eps) if ours else None

    return make


def _pool(op: Callable[..., Op]) -> Callable[[Any, Shapes], Op | None]:
    def make(module: Any, inputs: Shapes) -> Op | None:
        given = [side_of(getattr(module, name)) for name in ("kernel_size", "stride", "padding")]
        plain = side_of(getattr(module, "dilation", 1)) == 1 and getattr(module, "count_include_pad", True)
        if None in given or not plain or getattr(module, "divisor_override", None):
            return None
        return op(*given, module.ceil_mode)

    return make


def _adaptive(module: Any, inputs: Shapes) -> Op | None:
    side = side_of(module.output_size)
    return ops.AdaptiveAvgPool2d(side) if side else None


def _flatten(module: Any, inputs: Shapes) -> Op | None:
    return ops.Flatten() if (module.start_dim, module.end_dim) == (1, -1) else None


def _prelu(module: Any, inputs: Shapes) -> Op | None:
    return ops.PReLU(module.num_parameters)


def _response_norm(module: Any, inputs: Shapes) -> Op | None:
    return ops.LocalResponseNorm(module.size, module.alpha, module.beta, module.k)


_MODULES: dict[type[nn.Module], Callable[[Any, Shapes], Op | None]] = {
    nn.Conv2d: _conv2d,
    nn.ConvTranspose2d: _transposed,
    nn.Linear: _linear,
    nn.BatchNorm2d: _norm(ops.BatchNorm2d, 3),
    nn.BatchNorm1d: _norm(ops.BatchNorm1d, 1),
    nn.MaxPool2d: _pool(ops.MaxPool2d),
    nn.AvgPool2d: _pool(ops.AvgPool2d),
    nn.AdaptiveAvgPool2d: _adaptive,
    nn.Flatten: _flatten,
    nn.ReLU: lambda module, inputs: ops.ReLU(),
    nn.LeakyReLU: lambda module, inputs: ops.LeakyReLU(module.negative_slope),
    nn.PReLU: _prelu,
    nn.Sigmoid: lambda module, inputs: ops.Sigmoid(),
    nn.Tanh: lambda module, inputs: ops.Tanh(),
    nn.LocalResponseNorm: _response_norm,
    nn.Dropout: lambda module, inputs: ops.Dropout(module.p),
}
"""An op of ours from a module and the shapes of its inputs, without their batch axes. Adding one is an entry here."""
