"""A recording as a Graph: a layer for each call, with names that the model's author knows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from resviz.base.translation import N_
from resviz.capturing import costs
from resviz.capturing.known_operators import known_operator
from resviz.capturing.known_ops import (
    is_nonlinear,
    is_weighted,
    known_op,
    module_kind,
    module_text,
    module_window,
    operator_window,
)
from resviz.capturing.pad_shortcuts import find_pad_shortcuts
from resviz.capturing.residual_sums import mark_shortcuts
from resviz.capturing.stages import name_stages
from resviz.nets import ops
from resviz.nets.graph import Graph, Layer
from resviz.nets.op import Term
from resviz.nets.ops.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.capturing.calls import Call, Recording
    from resviz.nets.op import Op, Shape

_KINDS = {"add": "addition", "cat": "concatenation"}
"""Kinds of calls that would be taken for ops of ours: with a constant, of other shapes."""


def assemble(name: str, recording: Recording, sizes: Mapping[str, int]) -> Graph:
    """Return the graph of a recording.

    `sizes` are the numbers of the learned parameters, by name. What depends on no input and learns nothing (a mask, a
    table of positions) is left out. The call that gave the first output comes last, if no other call reads it.
    """
    calls = recording.calls
    owners: dict[str, int] = {}
    """The call that each parameter belongs to: the first that reads it."""
    for number, call in enumerate(calls):
        for parameter in call.parameters:
            owners.setdefault(parameter, number)
    padded = find_pad_shortcuts(calls)
    left_out = _constants(calls, sizes).union(*(one.inner for one in padded.values()))
    kept = [number for number in range(len(calls)) if number not in left_out]
    if recording.outputs and recording.outputs[0] in kept:
        last = recording.outputs[0]
        if not any(last in calls[number].inputs for number in kept):
            kept.remove(last)
            kept.append(last)
    names = _names(calls, kept)
    layers = []
    for number in kept:
        call = calls[number]
        path = call.path if call.module is None else call.path.rpartition(".")[0]
        if number in padded:
            found = padded[number]
            layers.append(Layer(names[number], found.op, (names[found.source],), _shape(call.shape), block=path))
            continue
        owned = {key: sizes[key] for key in call.parameters if owners[key] == number and key in sizes}
        shared = any(owners[key] != number for key in call.parameters if key in sizes)
        inputs = tuple(names[source] for source in call.inputs if source in names)
        op = _op(call, owned, shared=shared, complete=len(inputs) == len(call.inputs))
        layers.append(Layer(names[number], op, inputs, _shape(call.shape), block=path))
    return name_stages(mark_shortcuts(Graph(name, tuple(layers))))


def _constants(calls: list[Call], sizes: Mapping[str, int]) -> set[int]:
    """Return the calls that depend on no input, learn nothing and multiply nothing."""
    found: set[int] = set()
    for number, call in enumerate(calls):
        learns = any(parameter in sizes for parameter in call.parameters)
        counts = learns or call.products or call.problem or call.module is not None or call.operator == "input"
        if not counts and all(source in found for source in call.inputs):
            found.add(number)
    return found


def _names(calls: list[Call], kept: list[int]) -> dict[int, str]:
    """Return a name for each call: the path of a module, or the operator's below the path of the module it is in."""
    names: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for number in kept:
        call = calls[number]
        if call.module is not None:
            base = call.path or "model"
            name = base if call.time == 0 else f"{base}:{call.time + 1}"
        else:
            word = call.operator.partition(".")[2].strip("_")
            base = call.name or (f"{call.path}.{word}" if call.path else word)
            taken[base] += 1
            name = base if taken[base] == 1 else f"{base}_{taken[base]}"
        names[number] = name
    return _distinct(names)


def _distinct(names: dict[int, str]) -> dict[int, str]:
    """Return the names, each of them once: a module may be called as an operator is."""
    seen: Counter[str] = Counter()
    found: dict[int, str] = {}
    for number, name in names.items():
        seen[name] += 1
        found[number] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return found


def _op(call: Call, owned: dict[str, int], *, shared: bool, complete: bool) -> Op:
    """Return the op of a call: one of ours if it has the same costs, otherwise what was recorded."""
    shape = _shape(call.shape)
    if call.operator == "input":
        return ops.Input(shape)
    work = costs.as_terms(call.products)
    shapes = tuple(map(_shape, call.input_shapes))
    op = None
    if call.module is not None and complete and not shared:
        op = known_op(call.module, shapes)
    elif call.module is None and not shared:
        op = known_operator(call, shapes, shape, owned)
    if op is not None and _has_costs(op, shapes, shape, sum(owned.values()), sum(term.value for term in work)):
        return op
    learned = tuple(Term(key.rpartition(".")[2], ((size, N_("numbers")),)) for key, size in owned.items())
    if call.module is not None:
        module = call.module
        return Recorded(
            kind=module_kind(module),
            shape=shape,
            text=module_text(module),
            learned=learned,
            work=work,
            source=call.source,
            weighted=is_weighted(module),
            nonlinear=is_nonlinear(module_kind(module)),
            sees=module_window(module),
        )
    word = call.operator.partition(".")[2].strip("_")
    return Recorded(
        kind=_KINDS.get(word, word.replace("_", " ")),
        shape=shape,
        learned=learned,
        work=work,
        source=call.source,
        weighted=bool(owned) and bool(work),
        nonlinear=is_nonlinear(call.operator),
        view=call.view,
        sees=operator_window(call.operator),
    )


def _has_costs(op: Op, inputs: tuple[Shape, ...], shape: Shape, parameters: int, multiply_adds: int) -> bool:
    """Return whether an op of ours has the output and the costs that were recorded."""
    try:
        same = op.output_shape(inputs) == shape
    except (ValueError, IndexError):
        return False
    return same and op.parameters() == parameters and op.multiply_adds(shape) == multiply_adds


def _shape(shape: tuple[int, ...]) -> Shape:
    """Return a shape without the axis of the batch, which is the first and 1."""
    return tuple(shape[1:]) if len(shape) > 1 and shape[0] == 1 else tuple(shape)
