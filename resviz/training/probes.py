"""Measuring a net while it trains, as nodes of the net itself. What is measured is defined in `quantities`.

A probe is the identity at its place of the net: on the way it writes a number into the Recorder's row on the device.
Nothing is read back within a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, fx, nn
from typing_extensions import override

from resviz.measurements.quantities import (
    GRADIENT_COSINE,
    RESIDUAL_GRADIENT,
    RESIDUAL_SHARE,
    RESPONSE,
    RESPONSE_GRADIENT,
    SAMPLES,
    SHORTCUT_GRADIENT,
    UPDATE_RATIO,
    WEIGHT_GRADIENT,
    declared_quantities,
)
from resviz.nets import ops
from resviz.training.activation_probes import ActivationMeter, ActivationProbe
from resviz.training.modules import Instruments, to_module
from resviz.training.stable_norms import dot, flat_norm, in_memory_order, l2_norm, ratio, standard_deviation

if TYPE_CHECKING:
    from resviz.measurements.axes import AxisName
    from resviz.measurements.quantity import Quantity
    from resviz.nets.graph import Graph, Layer
    from resviz.training.recipe import TrainConfig
    from resviz.training.recorder import Recorder


class ResponseProbe(nn.Module):
    """At a weight layer's response; silent outside training."""

    def __init__(self, recorder: Recorder, layer: int, norm: MeasuringBatchNorm | None) -> None:
        super().__init__()
        self.recorder, self.layer = recorder, layer
        self._norm = [norm] if norm else []  # in a list, since it is no part of this module

    @override
    def forward(self, response: Tensor) -> Tensor:
        self.recorder.check(within_step=self.training)
        if not self.training:
            return response
        if not (self._norm and self._norm[0].knows_its_output):
            self.recorder.write(RESPONSE.name, self.layer, standard_deviation(response.detach()))
            if self.recorder.batch is not None:
                self.recorder.means[RESPONSE.name][self.layer] = response.detach().mean(dtype=torch.float64)
        if response.requires_grad:
            response.register_hook(self._write_gradient)  # type: ignore[no-untyped-call]
        return response

    def _write_gradient(self, gradient: Tensor) -> None:
        recorder = self.recorder
        recorder.check(within_step=True)
        # L is the batch's mean loss, so dl/dy is B dL/dy, and its root mean square over B samples sqrt(B) ‖dL/dy‖.
        samples = recorder.batch or gradient.shape[0]
        recorder.write(RESPONSE_GRADIENT.name, self.layer, l2_norm(gradient) * math.sqrt(samples))


class MeasuringBatchNorm(nn.BatchNorm2d):
    """Batch normalisation that keeps what `NormalizedResponses` needs, on the CPU; of maps, or of vectors."""

    inverse: Tensor | None = None
    """1 / sqrt(var + eps) of each channel of the last batch."""
    knows_its_output = False

    @override
    def _check_input_dim(self, input: Tensor) -> None:
        """Take vectors too: the graph has seen to it that each layer gets what it is for."""

    @override
    def forward(self, x: Tensor) -> Tensor:
        if not self.training or x.device.type != "cpu" or x.dtype != torch.float32:
            self.knows_its_output = False
            return super().forward(x)
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked.add_(1)
        out, _, self.inverse = torch.native_batch_norm(
            x, self.weight, self.bias, self.running_mean, self.running_var, True, self.momentum, self.eps
        )
        # Where eps outweighs a channel's variance, the inverse tells little of it: then look at the output.
        self.knows_its_output = float(self.inverse.max()) ** 2 * self.eps < 0.99
        return out


class NormalizedResponses:
    """The responses of all layers that are normalised, without a look at their maps; to be written after forward.

    Of a channel that batch normalisation has normalised, the mean is beta and the variance gamma² var / (var + eps): so
    over all channels and places the variance is the mean of those plus the variance of the betas. It saves two passes
    over every map.
    """

    def __init__(self, graph: Graph, module: nn.Module, recorder: Recorder) -> None:
        self._recorder = recorder
        self._norms: list[MeasuringBatchNorm] = []
        layers = []
        for index, layer in enumerate(graph.weight_layers):
            response = module.get_submodule(graph.response_layer(layer).name)
            if isinstance(response, MeasuringBatchNorm):
                self._norms.append(response)
                layers.append(index)
        self._layers = np.array(layers, np.int64)
        self._sizes = np.array([norm.num_features for norm in self._norms], np.int64)
        self._starts = np.cumsum(self._sizes) - self._sizes
        # Views of the parameters, whose memory the optimizer changes in place.
        self._gammas = [norm.weight.detach() for norm in self._norms]
        self._betas = [norm.bias.detach() for norm in self._norms]

    def write(self) -> None:
        """Write the standard deviations of all normalized responses, from the statistics of batch normalization."""
        inverses = [norm.inverse for norm in self._norms if norm.inverse is not None]
        if not self._norms or len(inverses) < len(self._norms):
            return
        inverse, gamma, beta = (torch.cat(parts).double().numpy() for parts in (inverses, self._gammas, self._betas))
        means = np.add.reduceat(beta, self._starts) / self._sizes
        shares = 1 - self._norms[0].eps * np.square(inverse)  # var / (var + eps)
        spread = np.square(gamma) * shares + np.square(beta - np.repeat(means, self._sizes))
        deviations = np.sqrt(np.add.reduceat(spread, self._starts) / self._sizes)
        known = np.array([norm.knows_its_output for norm in self._norms])
        self._recorder.write(RESPONSE.name, self._layers[known], deviations[known])


class _Split(torch.autograd.Function):
    """x twice: for F and for the shortcut. Backward, the two terms of eq. 5 arrive apart; their sum is passed on."""

    @staticmethod
    @override
    def forward(ctx: Any, x: Tensor, recorder: Recorder, block: int) -> tuple[Tensor, Tensor]:
        ctx.recorder, ctx.block = recorder, block
        return x.view_as(x), x.view_as(x)

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        through, past = gradients
        a, b = through[:SAMPLES], past[:SAMPLES]
        scale = (ctx.recorder.batch or through.shape[0]) / math.sqrt(a.shape[0])  # see ResponseProbe; of these samples
        norms = l2_norm(a), l2_norm(b)
        recorder, block = ctx.recorder, ctx.block
        recorder.write(RESIDUAL_GRADIENT.name, block, norms[0] * scale)
        recorder.write(SHORTCUT_GRADIENT.name, block, norms[1] * scale)
        recorder.write(GRADIENT_COSINE.name, block, ratio(dot(a, b), norms[0] * norms[1]))
        # In place, as autograd itself would sum them: `through` was made for this sum alone.
        total = through.add_(past) if _is_dense(through) and past is not through else through + past
        return total, None, None


def _is_dense(x: Tensor) -> bool:
    """Return whether no two entries share a place of memory, as they do in an expanded tensor."""
    return x.is_contiguous() or x.is_contiguous(memory_format=torch.channels_last)


class SplitProbe(nn.Module):
    """The probe where a block's input splits: it returns (to F, to the shortcut)."""

    def __init__(self, recorder: Recorder, block: int) -> None:
        super().__init__()
        self.recorder, self.block = recorder, block

    @override
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training:
            return x, x
        both: tuple[Tensor, Tensor] = _Split.apply(x, self.recorder, self.block)
        return both


class SumProbe(nn.Module):
    """Before a block's sum: F(x), measured against what the shortcut adds to it."""

    def __init__(self, recorder: Recorder, block: int) -> None:
        super().__init__()
        self.recorder, self.block = recorder, block

    @override
    def forward(self, residual: Tensor, shortcut: Tensor) -> Tensor:
        if self.training:
            a, b = residual.detach()[:SAMPLES], shortcut.detach()[:SAMPLES]
            self.recorder.write(RESIDUAL_SHARE.name, self.block, ratio(l2_norm(a), l2_norm(b)))
        return residual


def axis_layers(graph: Graph) -> dict[AxisName, tuple[Layer, ...]]:
    """Return the layer of each place on each axis."""
    return {
        "layer": graph.weight_layers,
        "activation": graph.nonlinearities,
        "block": tuple(graph[block.total] for block in graph.residual_blocks),
        "auxiliary": graph.outputs[1:],
    }


def select_quantities(graph: Graph, config: TrainConfig) -> tuple[Quantity, ...]:
    """Return what is measured of a net: every declared quantity that has a place in it, and not too many of them."""
    counts = {axis: len(layers) for axis, layers in axis_layers(graph).items()}
    return tuple(
        quantity
        for quantity in declared_quantities()
        if not quantity.watched_only
        and 0 < counts[quantity.axis] <= (quantity.max_places or counts[quantity.axis])
        and (config.histogram_every > 0 or not quantity.sparse)
    )


def probed_module(
    graph: Graph,
    recorder: Recorder,
    activations: ActivationMeter,
    norm_kind: type[MeasuringBatchNorm] = MeasuringBatchNorm,
) -> fx.GraphModule:
    """Return the graph's module with every probe at its place, in the order of `axes`."""
    instruments = Instruments(replaced={})
    for layer in graph.layers:
        if isinstance(layer.op, ops.BatchNorm2d):
            instruments.replaced[layer.name] = norm_kind(layer.op.channels, layer.op.eps)
    for index, layer in enumerate(graph.weight_layers):
        response = graph.response_layer(layer).name
        norm = instruments.replaced.get(response)
        assert norm is None or isinstance(norm, MeasuringBatchNorm)
        instruments.outputs[response] = ResponseProbe(recorder, index, norm)
    for index, layer in enumerate(graph.nonlinearities):
        instruments.outputs[layer.name] = ActivationProbe(activations, index)
    for index, block in enumerate(graph.residual_blocks):
        instruments.splits[block.source] = (SplitProbe(recorder, index), block.branch)
        instruments.sums[block.total] = SumProbe(recorder, index)
    return to_module(graph, instruments)


WeightMeasure = Callable[[list[nn.Parameter]], "Tensor | None"]
"""From the weight of each weight layer, after backward and before the update, to a number for each: (layer,)."""
WEIGHT_MEASURES: dict[str, WeightMeasure] = {}
"""By the quantity's name: every quantity that is measured from the weights and their gradients alone."""


def measures(quantity: Quantity) -> Callable[[WeightMeasure], WeightMeasure]:
    """Register the function that measures a quantity from the weights and their gradients."""

    def register(measure: WeightMeasure) -> WeightMeasure:
        WEIGHT_MEASURES[quantity.name] = measure
        return measure

    return register


@measures(WEIGHT_GRADIENT)
def weight_gradients(weights: list[nn.Parameter]) -> Tensor | None:
    """Return the L2 norm of each weight's gradient, (layer,), without weight decay, which the optimizer adds later."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    return l2_norms(gradients) if len(gradients) == len(weights) else None


def write_weight_measures(weights: list[nn.Parameter], recorder: Recorder) -> None:
    """Measure every registered quantity of the weights. Call it between the backward pass and the update."""
    for name, measure in WEIGHT_MEASURES.items():
        values = measure(weights) if recorder.has(name) else None
        if values is not None:
            recorder.write_all(name, values)


class UpdateRatios:
    """‖ΔW‖ / ‖W‖ of each weight: `before` an update, then `after` it.

    ΔW is what the weights did, in the precision that they have: an update that is too small to change them is 0. What
    the optimizer asked for, such as the learning rate times its buffer, is not.
    """

    def __init__(self, weights: list[nn.Parameter], recorder: Recorder) -> None:
        self._weights, self._recorder = weights, recorder
        self._copies: list[Tensor] = []
        self._norms = torch.empty(0)
        self._arrays: list[tuple[np.ndarray, np.ndarray, Tensor]] = []
        """On a CPU the memory of each weight and of a copy: numpy copies and subtracts with less around it than torch,
        which multiplies on the threads that it is given."""
        self._places: list[int] = []
        """Where the memory of each weight was, when the arrays were made."""

    def _find_memory(self) -> None:
        """Make the arrays anew, if the weights have another memory than before."""
        places = [weight.data_ptr() for weight in self._weights]
        if places == self._places:
            return
        self._places, self._arrays = places, []
        views = [in_memory_order(weight.detach()) for weight in self._weights]
        on_cpu = all(view.device.type == "cpu" and view.dtype == torch.float32 for view in views)
        if on_cpu and [view.data_ptr() for view in views] == places:
            copies = [torch.empty_like(view) for view in views]
            self._arrays = [(view.numpy(), copy.numpy(), copy) for view, copy in zip(views, copies, strict=True)]

    def before(self) -> None:
        """Copy the weights, and take their norms, before an update."""
        self._find_memory()
        if self._arrays:
            norms = []
            for array, copied, copy in self._arrays:
                np.copyto(copied, array)
                norms.append(flat_norm(copy))
            self._norms = torch.tensor(norms, dtype=torch.float64)
            return
        weights = [weight.detach() for weight in self._weights]
        self._norms = l2_norms(weights)
        self._copies = self._copies or [torch.empty_like(weight) for weight in weights]
        torch._foreach_copy_(self._copies, weights)

    def after(self) -> None:
        """Write how far the update moved each layer's weights, relative to their norm before."""
        if self._arrays:
            moved = []
            for array, copied, copy in self._arrays:
                np.subtract(array, copied, out=copied)
                moved.append(flat_norm(copy))
            self._recorder.write_all(UPDATE_RATIO.name, torch.tensor(moved, dtype=torch.float64) / self._norms)
            return
        torch._foreach_sub_(self._copies, [weight.detach() for weight in self._weights])
        self._recorder.write_all(UPDATE_RATIO.name, l2_norms(self._copies) / self._norms)


def l2_norms(tensors: list[Tensor]) -> Tensor:
    """Return the L2 norm of each, float64, (tensor,)."""
    if tensors[0].device.type == "cpu":
        return torch.tensor([l2_norm(tensor) for tensor in tensors], dtype=torch.float64)
    return torch.stack(list(torch._foreach_norm(tensors, 2, torch.float64)))  # noqa: SLF001 - as torch.optim does
