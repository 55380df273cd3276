"""Records one forward pass of any model: every call in its order, what it read, and the module that made it.

A module of `torch.nn` without children (a convolution, a normalization, an LSTM) is one call, whatever it does inside.
All else is recorded operator by operator, as the model calls them: under inference mode torch hands `aten.linear` or
`aten.scaled_dot_product_attention` to a dispatch mode as they are, and takes them apart afterwards.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary
from typing_extensions import override

from resviz.base.translation import _
from resviz.capturing import costs
from resviz.capturing.calls import Call, Recording, TooManyCalls, calling_line
from resviz.capturing.known_operators import READ_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CALLS = 200_000
_WHOLE = frozenset(
    f"aten.{name}"
    for name in (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d alpha_dropout avg_pool1d batch_norm chunk clip "
        "contiguous cosine_similarity cross_entropy_loss dropout embedding expand_as feature_dropout flatten gather "
        "group_norm index_select instance_norm item layer_norm log_softmax max_pool1d max_pool2d max_pool3d meshgrid "
        "movedim narrow nll_loss pad pixel_shuffle pixel_unshuffle relu6 relu6_ repeat_interleave reshape reshape_as "
        "rms_norm rrelu selu silu size softmax softplus split square stack std swapaxes tensor_split tile to "
        "type_as unflatten upsample_bicubic2d upsample_bilinear2d upsample_nearest2d var view_as where"
    ).split()
)
"""Operators that torch could take apart, and in which there are no products to count."""


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records what is called while it is entered, of one model."""

    def __init__(self, model: nn.Module, parameters: Mapping[str, Tensor]) -> None:
        """Make a recorder of `model`, whose parameters and buffers are the tensors given by name."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.recording = Recording()
        self._names: dict[int, str] = {}
        """The paths of the modules, by their identities."""
        for path, module in model.named_modules():
            self._names.setdefault(id(module), path)
        self._parameters: Any = WeakIdKeyDictionary()
        for name, tensor in parameters.items():
            self._parameters[tensor] = name
        self._made_by: Any = WeakIdKeyDictionary()
        """The number of the call that made each tensor."""
        self._written: dict[StorageWeakRef | None, int] = {}
        """The number of the call that last wrote into each storage in place."""
        self._stack: list[tuple[str, int | None]] = []
        """The modules under way: path, and the number of the call that one of `torch.nn` is."""
        self._apart: Call | None = None
        """The call whose operator is being taken apart."""

    def add_inputs(self, given: Mapping[str, Tensor]) -> None:
        """Record the tensors that the model is called with."""
        for name, tensor in given.items():
            self._made_by[tensor] = self._add(Call("input", "", name, shape=tuple(tensor.shape)))

    def set_outputs(self, output: Any) -> None:
        """Record which calls made what the model returned."""
        made = [self._maker(tensor) for tensor in tensors_in(output)]
        self.recording.outputs = list(dict.fromkeys(number for number in made if number is not None))

    @contextmanager
    def following_modules(self) -> Iterator[None]:
        """Know which module is at work, by hooks on all modules that leave no trace."""
        hooks = (
            register_module_forward_pre_hook(self._enter),
            register_module_forward_hook(self._leave, always_call=True),
        )
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @override
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        operator = f"{func.namespace}.{func._schema.name.partition('::')[2]}"
        unit = self._unit()
        if self._apart is not None:  # only its products count
            return self._count(func, operator, args, kwargs, self._apart)
        call = unit if unit is not None else Call(operator, self._path())
        read = tensors_in((args, kwargs))
        makers = [self._maker(tensor) for tensor in read]
        owner = self._unit_number()
        for tensor, maker in zip(read, makers, strict=True):
            name = self._parameters.get(tensor)
            if name is not None:
                if name not in call.parameters:
                    call.parameters.append(name)
            elif maker is not None and maker != owner and maker not in call.inputs:
                call.inputs.append(maker)
                call.input_shapes.append(tuple(tensor.shape))
        if unit is None:
            call.source = calling_line()
            call.settings = _settings(func, args, kwargs) if operator in READ_SETTINGS else {}
        try:
            output = self._count(func, operator, args, kwargs, call)
        except Exception as error:
            call.problem = f"{type(error).__name__}: {error}"
            call.source = call.source or calling_line()
            if unit is None:
                self._add(call)
            raise
        made = tensors_in(output)
        if unit is None:
            if not made or (all(any(tensor is given for given in read) for tensor in made) and not _writes(func)):
                return output  # it did nothing, such as dropout when it is off
            call.shape = tuple(made[0].shape)
            call.view = _is_view(func)
            owner = self._add(call)
        assert owner is not None
        self._made(made, owner)
        if _writes(func):
            self._wrote(func, args, kwargs, owner)
        return output

    def _count(self, func: Any, operator: str, args: Any, kwargs: Any, call: Call) -> Any:
        """Do what the operator does, and add its products to a call's."""
        if costs.has_rule(operator):
            output = func(*args, **kwargs)
            call.products += costs.products(operator, args, output)
            return output
        if operator in _WHOLE or not _is_composite(func):
            return func(*args, **kwargs)
        before, self._apart = self._apart, call
        try:
            with self:
                output = func.decompose(*args, **kwargs)
        finally:
            self._apart = before
        return func(*args, **kwargs) if output is NotImplemented else output

    def _add(self, call: Call) -> int:
        calls = self.recording.calls
        if len(calls) >= MAX_CALLS:
            raise TooManyCalls(_("The model made more than {count} calls.").format(count=MAX_CALLS))
        calls.append(call)
        return len(calls) - 1

    def _path(self) -> str:
        return self._stack[-1][0] if self._stack else ""

    def _unit_number(self) -> int | None:
        return next((number for _path, number in self._stack if number is not None), None)

    def _unit(self) -> Call | None:
        number = self._unit_number()
        return None if number is None else self.recording.calls[number]

    def _maker(self, tensor: Tensor) -> int | None:
        """Return the call that a tensor's values come from: what made it, or later wrote into its memory."""
        made = self._made_by.get(tensor)
        written = self._written.get(_storage(tensor)) if self._written else None
        known = [number for number in (made, written) if number is not None]
        return max(known) if known else None

    def _made(self, tensors: list[Tensor], number: int) -> None:
        for tensor in tensors:
            self._made_by[tensor] = number

    def _wrote(self, func: Any, args: Any, kwargs: Any, number: int) -> None:
        for argument, value in zip(func._schema.arguments, args, strict=False):
            if argument.alias_info is not None and argument.alias_info.is_write:
                for tensor in tensors_in(value):
                    self._written[_storage(tensor)] = number
        for argument in func._schema.arguments:
            if argument.name in kwargs and argument.alias_info is not None and argument.alias_info.is_write:
                for tensor in tensors_in(kwargs[argument.name]):
                    self._written[_storage(tensor)] = number

    def _enter(self, module: nn.Module, args: Any) -> None:
        path = self._names.get(id(module))
        if path is None:  # made during the pass: it belongs to the module that made it
            self._stack.append((self._path(), None))
            return
        times = self.recording.module_calls
        number = None
        if _is_unit(module) and self._unit_number() is None:
            number = self._add(Call("module", path, source=calling_line(), module=module, time=times[path]))
        times[path] += 1
        self._stack.append((path, number))

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        if not self._stack:
            return
        _path, number = self._stack.pop()
        if number is None or output is None:
            return
        call = self.recording.calls[number]
        made = tensors_in(output)
        read = tensors_in(args)
        if not call.inputs:  # it did nothing, such as dropout when it is off
            makers = [self._maker(tensor) for tensor in read]
            call.inputs += [maker for maker in dict.fromkeys(makers) if maker is not None and maker != number]
            call.input_shapes += [tuple(tensor.shape) for tensor in read[: len(call.inputs)]]
        if made:
            call.shape = tuple(made[0].shape)
        self._made(made, number)


def tensors_in(value: Any) -> list[Tensor]:
    """Return the tensors in a value: in lists, dicts and data classes too, in their order."""
    if isinstance(value, Tensor):
        return [value]
    found: list[Tensor] = []
    for leaf in tree_leaves(value):
        if isinstance(leaf, Tensor):
            found.append(leaf)
        elif hasattr(leaf, "__dataclass_fields__") or hasattr(leaf, "tensors"):
            found += [part for part in vars(leaf).values() if isinstance(part, Tensor)]
    return found


def _is_unit(module: nn.Module) -> bool:
    """Return whether a module is drawn as one call: one of torch's own without others inside, that does something."""
    return (
        not isinstance(module, nn.Identity | nn.Sequential)  # one without parts gives what it reads
        and type(module).__module__.startswith("torch.nn.modules.")
        and not module._modules
    )


def _settings(func: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return the arguments of an operator that are no tensors, by name."""
    names = (argument.name for argument in func._schema.arguments)
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    return {
        **{one.name: one.default_value for one in func._schema.arguments if one.has_default_value()},
        **{name: value for name, value in given.items() if not tensors_in(value)},
    }


def _storage(tensor: Tensor) -> StorageWeakRef | None:
    try:
        return StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]
    except (NotImplementedError, RuntimeError):  # sparse, nested
        return None


def _is_composite(func: Any) -> bool:
    """Return whether torch takes an operator apart into others."""
    try:
        return bool(func.has_kernel_for_dispatch_key(torch._C.DispatchKey.CompositeImplicitAutograd))
    except RuntimeError:  # prim.device and the like, which are none of the dispatcher's
        return False


def _writes(func: Any) -> bool:
    return any(argument.alias_info is not None and argument.alias_info.is_write for argument in func._schema.arguments)


def _is_view(func: Any) -> bool:
    returns = func._schema.returns
    return bool(returns) and returns[0].alias_info is not None and not returns[0].alias_info.is_write
