"""Multiply-adds of torch's operators: one rule an operator, each a sum of products whose factors have names.

The operators are those that a model calls, before torch takes them apart (`aten.conv2d`, `aten.linear`, ...). An
operator without a rule is taken apart, and what it is made of is counted. `torch.utils.flop_counter` has rules for
the same products; the tests hold its totals, halved, against these.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from resviz.base.translation import N_
from resviz.nets.op import Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import Tensor

Factors = tuple[tuple[int, str], ...]
_RULES: dict[str, Callable[[tuple[Any, ...], Any], Iterable[Factors]]] = {}
"""The products of a call, by the operator's name: from its arguments and its output."""
_IMAGES, _ROWS, _INPUTS, _OUTPUTS = N_("images"), N_("rows"), N_("inputs"), N_("outputs")


def has_rule(operator: str) -> bool:
    """Return whether the products of an operator are known."""
    return operator in _RULES


def products(operator: str, arguments: tuple[Any, ...], output: Any) -> list[Factors]:
    """Return the products of a call of an operator with a rule, without factors of 1."""
    found = (tuple(factor for factor in one if factor[0] != 1) for one in _RULES[operator](arguments, output))
    return [factors or ((1, _OUTPUTS),) for factors in found]


def as_terms(found: Iterable[Factors]) -> tuple[Term, ...]:
    """Return products as terms. Equal ones become one, with how many there are as its first factor."""
    return tuple(
        Term(N_("multiply-adds"), factors if times == 1 else ((times, N_("times")), *factors))
        for factors, times in Counter(found).items()
    )


def _rule(*operators: str) -> Callable[[Any], Any]:
    def register(rule: Callable[[tuple[Any, ...], Any], Iterable[Factors]]) -> Any:
        _RULES.update(dict.fromkeys(operators, rule))
        return rule

    return register


_KERNEL = {
    1: (N_("kernel length"),),
    2: (N_("kernel height"), N_("kernel width")),
    3: (N_("kernel depth"), N_("kernel height"), N_("kernel width")),
}
_OUT = {
    1: (N_("output length"),),
    2: (N_("output height"), N_("output width")),
    3: (N_("output depth"), N_("output height"), N_("output width")),
}
_IN = {
    1: (N_("input length"),),
    2: (N_("input height"), N_("input width")),
    3: (N_("input depth"), N_("input height"), N_("input width")),
}


def _convolution(image: Tensor, weight: Tensor, output: Tensor, *, transposed: bool) -> Factors:
    """Kernel · input channels of a group · filters · places: of the output, or of the input if it is transposed."""
    dimensions = weight.dim() - 2
    places, names = (image, _IN) if transposed else (output, _OUT)
    images = places.shape[0] if places.dim() == weight.dim() else 1
    between = (
        (N_("input channels"), N_("filters a group")) if transposed else (N_("filters"), N_("input channels a group"))
    )
    return (
        (images, _IMAGES),
        *zip(weight.shape[2:], _KERNEL[dimensions], strict=True),
        (weight.shape[1], between[1]),
        (weight.shape[0], between[0]),
        *zip(places.shape[-dimensions:], names[dimensions], strict=True),
    )


@_rule("aten.conv1d", "aten.conv2d", "aten.conv3d")
def _conv(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    return [_convolution(arguments[0], arguments[1], output, transposed=False)]


@_rule("aten.conv_transpose1d", "aten.conv_transpose2d", "aten.conv_transpose3d")
def _conv_transpose(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    return [_convolution(arguments[0], arguments[1], output, transposed=True)]


@_rule("aten.convolution", "aten._convolution")
def _any_convolution(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    return [_convolution(arguments[0], arguments[1], output, transposed=bool(arguments[6]))]


@_rule("aten.linear")
def _linear(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    given, weight = arguments[0], arguments[1]
    return [
        ((math.prod(given.shape[:-1]), _ROWS), (weight.shape[-1], _INPUTS), (math.prod(weight.shape[:-1]), _OUTPUTS))
    ]


def _product(a: Tensor, b: Tensor, output: Tensor) -> Factors:
    """Rows · inner · columns, for each matrix of a stack; a vector is a matrix of one row or column."""
    rows = a.shape[-2] if a.dim() > 1 else 1
    columns = b.shape[-1] if b.dim() > 1 else 1
    inner = a.shape[-1]
    stack = math.prod(output.shape) // (rows * columns) if rows * columns else 0
    return ((stack, N_("matrices")), (rows, _ROWS), (inner, N_("inner")), (columns, N_("columns")))


@_rule("aten.mm", "aten.bmm", "aten.matmul", "aten.mv", "aten.dot")
def _matmul(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    return [_product(arguments[0], arguments[1], output)]


@_rule("aten.addmm", "aten.baddbmm", "aten.addmv", "aten.addbmm")
def _add_product(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    return [_product(arguments[1], arguments[2], output)]


@_rule(
    "aten.scaled_dot_product_attention",
    "aten._scaled_dot_product_flash_attention",
    "aten._scaled_dot_product_efficient_attention",
    "aten._scaled_dot_product_cudnn_attention",
    "aten._scaled_dot_product_flash_attention_for_cpu",
)
def _attention(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    """Queries times keys, and the weights times the values (Vaswani et al. 2017, eq. 1)."""
    query, key, value = arguments[:3]
    heads = (math.prod(query.shape[:-2]), N_("heads"))
    pairs = ((query.shape[-2], N_("queries")), (key.shape[-2], N_("keys")))
    return [
        (heads, *pairs, (query.shape[-1], N_("channels of a key"))),
        (heads, *pairs, (value.shape[-1], N_("channels of a value"))),
    ]


@_rule("aten.lstm", "aten.gru", "aten.rnn_tanh", "aten.rnn_relu")
def _recurrence(arguments: tuple[Any, ...], output: Any) -> Iterable[Factors]:
    """Every matrix of every layer and direction, once for each step of the sequence."""
    steps = math.prod(arguments[0].shape[:-1])
    lists = [value for value in arguments if isinstance(value, (list, tuple)) and value]
    weights = next(value for value in reversed(lists) if any(part.dim() == 2 for part in value))
    return [
        ((steps, N_("steps")), (part.shape[1], _INPUTS), (part.shape[0], _OUTPUTS))
        for part in weights
        if part.dim() == 2
    ]
