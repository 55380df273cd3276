"""Trainer: one net, one recipe, one step at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.base.errors import DataError, NetError
from resviz.base.translation import _
from resviz.measurements.quantities import AUXILIARY_LOSS
from resviz.training.activation_probes import ActivationMeter, MeasuringSchedule
from resviz.training.cuda_graphs import CudaGraphStep
from resviz.training.data.batches import Batches, Prefetcher
from resviz.training.detection import Detected, Detection
from resviz.training.distributed import SINGLE_PROCESS, ProcessRank, SharedBatchNorm, parallel, share_row, sums
from resviz.training.drop_path import DropPath
from resviz.training.initialization import initialize
from resviz.training.learning_rate import LearningRate
from resviz.training.modules import to_module
from resviz.training.objectives import label_for, losses, make_objective
from resviz.training.optimizers import RecipeOptimizer
from resviz.training.probes import (
    MeasuringBatchNorm,
    NormalizedResponses,
    UpdateRatios,
    axis_layers,
    probed_module,
    select_quantities,
    write_weight_measures,
)
from resviz.training.random_generators import derived_seed, has_dropout
from resviz.training.recorder import Recorder, StepInterrupted
from resviz.training.weights import load_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resviz.measurements.rows import Rows
    from resviz.nets.graph import Graph
    from resviz.training.data.images import ImageSet
    from resviz.training.recipe import TrainConfig

_EVALUATION_BATCH = 256


class Trainer:
    """Trains a graph's module on cross-entropy by a recipe, and measures each step.

    Given the same graph, recipe, data and number of threads it computes the same numbers again, on a CPU bit by bit.
    With `probes` off it is the plain loop, to measure the probes' cost against.
    """

    def __init__(
        self,
        graph: Graph,
        config: TrainConfig,
        data: ImageSet,
        device: torch.device | str = "cpu",
        probes: bool = True,
        ranks: ProcessRank = SINGLE_PROCESS,
    ) -> None:
        """Prepare a training.

        `ranks` says which of several processes this is; each has a part of every batch. Raise DataError if the net
        can't be trained on the data.
        """
        if config.batch == 1 and any(x.op.kind == "batch norm" and math.prod(x.shape[1:]) == 1 for x in graph.layers):
            raise DataError(_("batch: 1 leaves batch normalization a single value of a channel. Use 2 or more."))
        data = label_for(graph, config, data).limited(config.training_images, config.seed)
        ranks.check(config.batch)
        if ranks.is_distributed and (config.capture or graph.is_detector):
            raise DataError(_("CUDA graph capture and detectors work in one process only. Start one process."))
        self._ranks, self._stop_wanted = ranks, False
        self.graph, self.config, self.device = graph, config, torch.device(device)
        self.step_count = 0
        self._data = data.to(self.device)
        self._format = memory_format(config, self.device)
        self._part = ranks.part(config.batch)
        batches = Batches(self._data, config.batch, config.seed, config.augmentation, self._part)
        # On a GPU the images live there, and a batch is two launches; on the CPU it is made beside the step before.
        ahead = self.device.type == "cpu" and (config.augmentation != "none" or self._data.images.dtype == torch.uint8)
        self._batches: Batches | Prefetcher = Prefetcher(batches.at) if ahead else batches
        self.learning_rate = LearningRate(config)
        self._schedule = MeasuringSchedule()
        places = {axis: len(layers) for axis, layers in axis_layers(graph).items()}
        quantities = select_quantities(graph, config)
        self._sparse = any(quantity.sparse for quantity in quantities)
        self._recorder = Recorder(places, quantities, self.device)
        self._probes = probes
        self._activations = ActivationMeter(graph, self._recorder, self._schedule)
        norms = SharedBatchNorm if ranks.is_distributed else MeasuringBatchNorm
        self.module = probed_module(graph, self._recorder, self._activations, norms) if probes else to_module(graph)
        initialize(self.module, graph, config)
        self.module.to(self.device, memory_format=self._format)  # type: ignore[call-overload]
        self._forward: nn.Module = self.module
        if ranks.is_distributed:
            self._recorder.batch = config.batch
            for norm in self.module.modules():
                if isinstance(norm, SharedBatchNorm):
                    norm.samples = config.batch
            self._forward = parallel(self.module)
        self._weights = [self._weight(layer.name) for layer in graph.weight_layers]
        # What an interrupted step would have changed; on a GPU none is, and copies would only cost launches.
        self._statistics = list(self.module.buffers()) if self.device.type == "cpu" else []
        self._statistics_before = [buffer.clone() for buffer in self._statistics]
        self._responses = NormalizedResponses(graph, self.module, self._recorder)
        self._optimizer = RecipeOptimizer(list(self.module.parameters()), config, captured=self._captures_update)
        self._updates = UpdateRatios(self._weights, self._recorder)
        self._draws = has_dropout(graph)
        self._paths = DropPath(graph, self.module, config.seed)
        self._objective = make_objective(graph, self.module, config.seed)
        self._images = torch.empty(0)
        self._labels = torch.empty(0, dtype=torch.int64)
        self._work = CudaGraphStep(self._compute, self.device) if config.capture else None

    def load_weights(self, name: str) -> None:
        """Begin with kept weights of this name. Raise DataError if they are missing or belong to another net."""
        load_weights(self.module, self.graph, name)

    def _weight(self, layer: str) -> nn.Parameter:
        weight = self.module.get_submodule(layer).weight
        assert isinstance(weight, nn.Parameter)
        return weight

    @property
    def _captures_update(self) -> bool:
        return self.config.capture and self.device.type == "cuda"

    def step(self) -> None:
        """Do one update. Its row is measured with the weights before the update; step 0 has the initial weights.

        Raise Interrupted if `interrupt` was called meanwhile. Then the net is as it was before the step.
        """
        config, recorder, step = self.config, self._recorder, self.step_count
        if recorder.is_full:
            raise RuntimeError(f"{recorder.capacity} steps were measured and none drained; call drain() in between")
        known = {}
        if config.evaluate_every and step % config.evaluate_every == 0:
            known["held_out_loss"], known["held_out_error"] = self.evaluate()
        if not self.module.training:  # to say so to every module takes longer than some layers
            self.module.train()
        if self._draws:
            # Each process draws for its own samples, and not what one process would have drawn for them.
            who = f" {self._ranks.rank}" if self._ranks.is_distributed else ""
            torch.manual_seed(derived_seed(config.seed, f"dropout {step}{who}"))
        self._paths.draw(step)
        self._schedule.histograms = self._sparse and step % config.histogram_every == 0
        self._take(*self._batches.at(step))
        self._objective.prepare(self._labels, step)
        rate = self.learning_rate.at(step)
        self._optimizer.set_learning_rate(rate)
        recorder.check()
        recorder.begin_row()
        self._compute_or_undo()
        if self._ranks.is_distributed:
            own = self._part.stop - self._part.start
            recorder.interrupted |= share_row(recorder, own, config.batch, self._stop_wanted)
        recorder.finish_row(step, learning_rate=rate, **known)
        if known:  # not before: a step that is interrupted is made, and measured, again
            self.learning_rate.observe(known["held_out_error"])
        self.step_count += 1

    def _take(self, images: Tensor, labels: Tensor) -> None:
        """The step's batch; where a step is captured, into the memory that it reads."""
        images = images.to(memory_format=self._format)
        if self._work and self._images.shape == images.shape:
            self._images.copy_(images)
            self._labels.copy_(labels)
        else:
            self._images, self._labels = images, labels

    def interrupt(self) -> None:
        """Give up the current step soon. No step follows. Call it from another thread.

        Several processes all stop after the same step.
        """
        if self._ranks.is_distributed:
            self._stop_wanted = True
        else:
            self._recorder.interrupted = True

    def _compute_or_undo(self) -> None:
        """An interrupted step has changed running statistics, and nothing else: these are put back."""
        if self._statistics:
            torch._foreach_copy_(self._statistics_before, self._statistics)
        try:
            if self._work:
                self._work(self._schedule.histograms)
            else:
                self._compute()
        except StepInterrupted:
            self._activations.forget()
            if self._statistics:
                torch._foreach_copy_(self._statistics, self._statistics_before)
            raise

    def _compute(self) -> None:
        """Forward, backward, update, and every probe: what may be captured. Reads the batch that `_take` left."""
        recorder = self._recorder
        with self._autocast():
            outputs = self._forward(self._images)
        found = losses(self._objective, outputs, self._labels)
        self._activations.write()
        self._optimizer.zero_grad()
        objective = found.objective
        if self._ranks.is_distributed:
            objective = objective * (len(self._labels) / self.config.batch)
        objective.backward()  # type: ignore[no-untyped-call]
        if self._probes:
            self._responses.write()
            write_weight_measures(self._weights, recorder)
            self._updates.before()
        for place, one in enumerate(found.auxiliary):
            recorder.write(AUXILIARY_LOSS.name, place, one.detach())
        recorder.write("loss", 0, found.loss.detach())
        recorder.write("error", 0, found.error)
        self._optimizer.step()
        if self._probes:
            self._updates.after()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16")

    def steps(self) -> Iterator[int]:
        """Train up to the recipe's number of steps. Yield the number of steps done after each."""
        while self.step_count < self.config.steps:
            self.step()
            yield self.step_count

    @property
    def is_full(self) -> bool:
        """Whether `drain` must be called before the next step."""
        return self._recorder.is_full

    def drain(self) -> Rows:
        """Return the rows measured since the last call."""
        return self._recorder.drain()

    def close(self) -> None:
        """End the thread that prepares batches, if there is one. The net's memory is free with the last reference."""
        if isinstance(self._batches, Prefetcher):
            self._batches.close()
        if isinstance(self.module, torch.fx.GraphModule):  # it and its graph hold each other
            self.module.graph.owning_module = None

    @torch.no_grad()
    def evaluate(self) -> tuple[float, float]:
        """Return mean cross-entropy (nats) and error on the held-out images, with the current weights.

        A net that answers at each place is measured over all places. With several processes each has a part of the
        images.
        """
        self.module.eval()
        images, labels = self._data.held_out_images, self._data.held_out_labels
        loss = torch.zeros((), dtype=torch.float64, device=self.device)
        wrong = torch.zeros((), dtype=torch.int64, device=self.device)
        asked = 0
        own = self._ranks.part(len(labels))
        for start in range(own.start, own.stop, _EVALUATION_BATCH):
            part = slice(start, min(start + _EVALUATION_BATCH, own.stop))
            some = self.prepared(images[part])
            self._objective.prepare(labels[part], None)
            targets = self._objective.targets(labels[part])
            with self._autocast():
                outputs = self.module(some)
            logits = outputs[0] if isinstance(outputs, tuple) else outputs
            loss += functional.cross_entropy(logits.float(), targets, reduction="sum")
            wrong += (logits.argmax(1) != targets).sum()
            asked += targets.numel()
        if self._ranks.is_distributed:
            total, mistakes, answered = sums(float(loss), float(wrong), float(asked), device=self.device)
            return total / answered, mistakes / answered
        return float(loss) / asked, int(wrong) / asked

    def detect(self, images: Tensor) -> Detected:
        """Return what a detector finds in one image of the data (1, channel, height, width). Raises NetError."""
        if not isinstance(self._objective, Detection):
            raise NetError(_("{net} is no detector.").format(net=self.graph.name))
        self.module.eval()
        return self._objective.detect(self.module, self.prepared(images))

    @property
    def data(self) -> ImageSet:
        """The images that the net is trained and measured on, labelled for its objective."""
        return self._data

    def prepared(self, images: Tensor) -> Tensor:
        """Return images of the data (image, channel, height, width) as the net takes them."""
        return self._data.normalised(images).to(memory_format=self._format)

    def state_dict(self) -> dict[str, Tensor]:
        """Return all that the next step depends on.

        Weights, statistics, the optimizer's state, and the number of steps.

        Batches and dropout are functions of the seed and the step, so they have no state.
        """
        state = {f"net.{name}": _saved(value) for name, value in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            for key, value in self._optimizer.state[parameter].items():
                if isinstance(value, Tensor):
                    state[f"optimizer.{key}.{name}"] = _saved(value)
        state["step"] = torch.tensor(self.step_count)
        return {**state, **self.learning_rate.state_dict()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue from what `state_dict` returned.

        Raise RuntimeError, with the entries, if it belongs to another net.
        """
        net: dict[str, Any] = {name[4:]: value for name, value in state.items() if name.startswith("net.")}
        self.module.load_state_dict(net)
        parameters = dict(self.module.named_parameters())
        for parameter in parameters.values():
            self._optimizer.state[parameter].clear()
        for entry, value in state.items():
            kind, _, rest = entry.partition(".")
            if kind == "optimizer":
                key, _, name = rest.partition(".")
                # Adam counts its steps on the CPU, and on the device only where its update is captured.
                device = "cpu" if key == "step" and not self._captures_update else self.device
                parameter = parameters[name]
                like = parameter.detach() if parameter.shape == value.shape else value  # the parameter's own strides
                self._optimizer.state[parameter][key] = torch.empty_like(like, device=device).copy_(value)
        if self._work:
            self._work.forget()
        self.learning_rate.load_state_dict(state)
        self.step_count = int(state["step"])


def memory_format(config: TrainConfig, device: torch.device) -> torch.memory_format:
    """Return the order of memory of maps and weights.

    `auto` follows a rule and no timing, so that a run can be repeated. On a CPU, small maps of few channels take 10 to
    20% less time channels-last, and wide nets about the same.
    """
    layout = config.layout
    if layout == "auto":
        fast = device.type == "cpu" or config.precision != "float32"
        layout = "channels-last" if fast else "channels-first"
    return torch.channels_last if layout == "channels-last" else torch.contiguous_format


def _saved(value: Tensor) -> Tensor:
    """Return a copy for a checkpoint, in the plain order of memory: what writes it down knows no other."""
    return value.detach().cpu().clone(memory_format=torch.contiguous_format)


def use_precision(config: TrainConfig) -> None:
    """Return whether float32 products may be rounded to tf32 on a GPU: torch's own default is yes for convolutions."""
    rounded = config.precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = rounded
    torch.backends.cudnn.allow_tf32 = rounded
