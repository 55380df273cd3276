"""Trainer: one net, one recipe, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.nets.graph import Graph
from resviz.nets.ops import Dropout
from resviz.training.data import Batches, DataError, ImageSet
from resviz.training.init import derived_seed, initialise
from resviz.training.modules import to_module
from resviz.training.probes import Recorder, Rows, probed_module, write_weight_gradients
from resviz.training.recipe import TrainConfig

_EVALUATION_BATCH = 512


class Trainer:
    """Trains a graph's module with SGD and momentum on cross-entropy, and measures each step.

    Given the same graph, recipe, data and number of threads it computes the same numbers again, on a CPU bit by bit.
    With `probes` off it is the plain loop, to measure the probes' cost against.
    """

    def __init__(
        self, graph: Graph, config: TrainConfig, data: ImageSet, device: torch.device | str = "cpu", probes: bool = True
    ) -> None:
        if config.batch == 1 and any(x.op.kind == "batch norm" and x.shape[1:] == (1, 1) for x in graph.layers):
            raise DataError("batch 1 leaves batch normalisation one value of a 1×1 map to normalise; 2 or more will do")
        self.graph, self.config, self.device = graph, config, torch.device(device)
        self.step_count = 0
        self._data = data.to(self.device)
        self._batches = Batches(self._data, config.batch, config.seed)
        self._recorder = Recorder(len(graph.weight_layers), self.device)
        self._probes = probes
        self.module = probed_module(graph, self._recorder) if probes else to_module(graph)
        initialise(self.module, config)
        self.module.to(self.device)
        self._weights = [self._weight(layer.name) for layer in graph.weight_layers]
        self._optimizer = torch.optim.SGD(
            self.module.parameters(), config.learning_rate, config.momentum, weight_decay=config.weight_decay
        )
        self._draws = any(isinstance(layer.op, Dropout) for layer in graph.layers)

    def _weight(self, layer: str) -> nn.Parameter:
        weight = self.module.get_submodule(layer).weight
        assert isinstance(weight, nn.Parameter)
        return weight

    def step(self) -> None:
        """One update. Its row is measured on the weights before it; step 0 on those of the initialisation."""
        config, recorder, step = self.config, self._recorder, self.step_count
        if recorder.full:
            raise RuntimeError(f"{recorder.capacity} steps were measured and none drained; call drain() in between")
        known = {}
        if config.evaluate_every and step % config.evaluate_every == 0:
            known["held_out_loss"], known["held_out_error"] = self.evaluate()
        self.module.train()
        if self._draws:
            torch.manual_seed(derived_seed(config.seed, f"dropout {step}"))
        images, labels = self._batches.at(step)
        logits = self.module(images)
        loss = functional.cross_entropy(logits, labels)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._probes:
            write_weight_gradients(self._weights, recorder)
        recorder.loss[recorder.row] = loss.detach()
        recorder.error[recorder.row] = (logits.detach().argmax(1) != labels).float().mean()
        rate = config.learning_rate_at(step)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        recorder.finish_row(step, learning_rate=rate, **known)
        self.step_count += 1

    def steps(self) -> Iterator[int]:
        """Steps up to the recipe's number, yielding after each the count of steps done: a place to pause or stop."""
        while self.step_count < self.config.steps:
            self.step()
            yield self.step_count

    @property
    def full(self) -> bool:
        """Whether `drain` must be called before the next step."""
        return self._recorder.full

    def drain(self) -> Rows:
        """The rows measured since the last call."""
        return self._recorder.drain()

    @torch.no_grad()
    def evaluate(self) -> tuple[float, float]:
        """Mean cross-entropy (nats) and share of wrong answers on the held-out images, with the weights of now."""
        self.module.eval()
        images, labels = self._data.held_out_images, self._data.held_out_labels
        loss, wrong = 0.0, 0
        for start in range(0, len(labels), _EVALUATION_BATCH):
            part = slice(start, start + _EVALUATION_BATCH)
            some_images, some_labels = images[part], labels[part]
            logits = self.module(some_images)
            loss += float(functional.cross_entropy(logits, some_labels, reduction="sum"))
            wrong += int((logits.argmax(1) != some_labels).sum())
        return loss / len(labels), wrong / len(labels)

    def state_dict(self) -> dict[str, Tensor]:
        """All that the next step depends on: weights, statistics, momentum and the number of steps done.

        Batches and dropout are functions of the seed and the step, so no generator's state is among them.
        """
        state = {f"net.{name}": value.detach().cpu().clone() for name, value in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            momentum = self._optimizer.state[parameter].get("momentum_buffer")
            if momentum is not None:
                state[f"momentum.{name}"] = momentum.detach().cpu().clone()
        state["step"] = torch.tensor(self.step_count)
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Goes on from what `state_dict` gave. Raises RuntimeError, naming the entries, if it is of another net."""
        net: dict[str, Any] = {name[4:]: value for name, value in state.items() if name.startswith("net.")}
        self.module.load_state_dict(net)
        for name, parameter in self.module.named_parameters():
            self._optimizer.state[parameter].pop("momentum_buffer", None)
            momentum = state.get(f"momentum.{name}")
            if momentum is not None:
                self._optimizer.state[parameter]["momentum_buffer"] = momentum.to(self.device).clone()
        self.step_count = int(state["step"])
