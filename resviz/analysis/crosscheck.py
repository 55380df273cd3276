"""The same totals from other people's counters, each with its convention, each difference from ours by name.

torch's own flop counter, torchinfo and fvcore are given the module that is trained, and one image of zeros. What a
counter adds is computed from the graph, or is what the counter itself lists; what is left over then is unexplained,
and said to be.

The only file of this room that loads torch: it takes seconds, and is run beside the window, in a process of its own.
"""

from __future__ import annotations

import importlib.metadata
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from resviz.base.translation import _
from resviz.nets.graph import Graph
from resviz.nets.ops import ConvTranspose2d

if TYPE_CHECKING:
    from resviz.analysis.counts import Counts

COUNTERS = ("torch", "torchinfo", "fvcore")


@dataclass(frozen=True)
class Reason:
    """One reason why a counter differs from ours, and by how much."""

    what: str
    amount: int


@dataclass(frozen=True)
class CounterResult:
    """What another counter finds.

    `flops` is its own number, and `factor` how many of its FLOPs make one multiply-add. Both are None if the counter
    failed; then `problem` says why.
    """

    counter: str
    version: str
    convention: str
    ours: Counts
    parameters: int | None = None
    flops: int | None = None
    factor: int = 1
    reasons: tuple[Reason, ...] = ()
    problem: str = ""
    unused: int = 0
    """Parameters that the net has and that no call reads: other counters count them."""

    @property
    def unexplained(self) -> int:
        """The difference in FLOPs, in the counter's own unit, that no reason explains."""
        if self.flops is None:
            return 0
        return self.flops - self.factor * self.ours.flops - sum(reason.amount for reason in self.reasons)

    @property
    def agrees(self) -> bool:
        """Whether its parameters are ours, and its FLOPs ours but for what is explained."""
        same = self.parameters is None or self.parameters == self.ours.parameters + self.unused
        return not self.problem and same and self.unexplained == 0


Inputs = tuple[Any, ...]


def crosscheck(
    graph: Graph, counts: Counts, module: torch.nn.Module, inputs: Inputs | None = None, unused: int = 0
) -> Iterator[CounterResult]:
    """Count a net with each counter in turn.

    Args:
        graph: The net.
        counts: What we count.
        module: The graph's module in evaluation mode, with real tensors.
        inputs: What it is called with; one image of zeros, if nothing is given.
        unused: Parameters of the module that no call reads.
    """
    given = (torch.zeros(1, *graph.input_shape),) if inputs is None else inputs
    for name in COUNTERS:
        convention, count = _COUNTERS[name]
        version = ""
        try:
            version = importlib.metadata.version(name)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of their own age, not of this net
                found = count(graph, module, given)
        except importlib.metadata.PackageNotFoundError:
            why = _("not installed. Install it with: pip install 'resviz[counters]'")
            yield CounterResult(name, version, convention, counts, problem=why)
        except Exception as error:  # theirs, whatever it is: the others are asked all the same
            why = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            yield CounterResult(name, version, convention, counts, problem=why)
        else:
            yield CounterResult(name, version, convention, counts, unused=unused, **found)


def _torch(graph: Graph, module: torch.nn.Module, inputs: Inputs) -> dict[str, Any]:
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # it would hide what an encoder layer multiplies
    try:
        # It has no rule for the attention of a CPU, and has them for what attention is made of.
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
            module(*inputs)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return {"parameters": parameters, "flops": counter.get_total_flops(), "factor": 2}


_CONV_BIASES = _("biases of convolutions, at each place")
_FC_BIASES = _("biases of fully connected layers")
_NORM = _("scale and shift of normalization, once")
_PRELU = _("slopes of PReLU, once")
_TRANSPOSED = _("weights of transposed convolutions, at each place of the output")


def _torchinfo(graph: Graph, module: torch.nn.Module, inputs: Inputs) -> dict[str, Any]:
    import torchinfo

    found = torchinfo.summary(module, input_data=list(inputs), verbose=0)
    added = dict.fromkeys((_CONV_BIASES, _FC_BIASES, _NORM, _PRELU, _TRANSPOSED), 0)
    for layer in graph.layers:
        if isinstance(layer.op, ConvTranspose2d):
            spread = layer.op.parameters() * layer.shape[1] * layer.shape[2]
            added[_TRANSPOSED] += spread - layer.op.multiply_adds(layer.shape)
        for term in layer.op.parameter_terms():
            if term.what == "biases" and layer.op.kind == "conv":
                added[_CONV_BIASES] += term.value * layer.shape[1] * layer.shape[2]
            elif term.what == "biases":
                added[_FC_BIASES] += term.value
            elif layer.op.kind == "batch norm":
                added[_NORM] += term.value
            elif layer.op.kind == "prelu":
                added[_PRELU] += term.value
    reasons = tuple(Reason(what, amount) for what, amount in added.items() if amount)
    return {"parameters": found.total_params, "flops": found.total_mult_adds, "reasons": reasons}


_FVCORE = {
    "batch_norm": _("normalization, two per value"),
    "adaptive_avg_pool2d": _("average pooling, one per value"),
}
"""What its operators mean, but for those that we count too."""
_PRODUCTS = ("conv", "linear", "matmul", "bmm", "baddbmm", "addmm", "einsum")


def _fvcore(graph: Graph, module: torch.nn.Module, inputs: Inputs) -> dict[str, Any]:
    from fvcore.nn import FlopCountAnalysis, parameter_count

    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)
    analysis = FlopCountAnalysis(module, inputs)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    operators = analysis.by_operator()
    reasons = tuple(
        Reason(_FVCORE.get(name, name), int(amount))
        for name, amount in operators.items()
        if name not in _PRODUCTS and amount
    )
    parameters = parameter_count(module)[""]
    return {"parameters": parameters, "flops": int(analysis.total()), "reasons": reasons}


_Counter = Callable[[Graph, torch.nn.Module, Inputs], dict[str, Any]]
_COUNTERS: dict[str, tuple[str, _Counter]] = {
    "torch": (_("multiplications and additions of convolutions and fully connected layers"), _torch),
    "torchinfo": (_("multiply-adds; every parameter of a layer counts once at each place"), _torchinfo),
    "fvcore": (_("multiply-adds; normalization and pooling count operations on each value"), _fvcore),
}
