"""What a trained net makes of single images: its maps behind each stage, its answers, and where it errs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.op import format_shape
from resviz.nets.ops import Conv2d

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resviz.nets.graph import Graph
    from resviz.training.trainer import Trainer

MAPS = 8
"""Channels that are kept of each stage, the first ones: a channel is the same in every image."""
_BATCH = 256


DRAWN = -1
"""In place of the index and the class of an image that is none of the held-out ones."""


@dataclass(frozen=True)
class StageMaps:
    """The output of a stage for one image, or the weights of the first convolution.

    `shape` is that of all of it, and `maps` are its first channels (map, height, width), float32.
    """

    stage: str
    layer: str
    shape: str
    maps: np.ndarray


@dataclass(frozen=True)
class InspectedImage:
    """One held-out image on its way through the net.

    `image` is (channels, height, width), 0 to 1. `probabilities` are the softmax of the scores (class,).
    """

    index: int
    label: int
    image: np.ndarray
    stages: tuple[StageMaps, ...]
    probabilities: np.ndarray

    @property
    def is_drawing(self) -> bool:
        """Whether it is none of the held-out images, so that its class is not known."""
        return self.label == DRAWN

    @property
    def answer(self) -> int:
        """The class that the net holds for the most probable."""
        return int(self.probabilities.argmax())


@dataclass(frozen=True)
class Answers:
    """The net's answer to every held-out image: true classes, answers and the loss of each (image,)."""

    labels: np.ndarray
    answers: np.ndarray
    losses: np.ndarray

    def confusion(self, classes: int) -> np.ndarray:
        """Return how many images of each true class got each answer: (true class, answer)."""
        found = np.zeros((classes, classes), np.int64)
        np.add.at(found, (self.labels, self.answers), 1)
        return found

    def worst(self, count: int) -> list[int]:
        """Return the images with wrong answers, the largest loss first."""
        wrong = np.flatnonzero(self.labels != self.answers)
        return [int(index) for index in wrong[np.argsort(-self.losses[wrong], kind="stable")][:count]]


def held_out_scores(trainer: Trainer) -> Tensor:
    """Return the scores of all held-out images (image, class), float32.

    Raise NetError for a net that does not answer once an image.
    """
    data, module = trainer.data, trainer.module
    if data.held_out_labels.ndim != 1:
        raise NetError(
            _("{net} answers at each place, or for each region. Choose a net that classifies whole images.").format(
                net=trainer.graph.name
            )
        )
    module.eval()
    with torch.no_grad():
        starts = range(0, len(data.held_out_labels), _BATCH)
        parts = (data.held_out_images[start : start + _BATCH] for start in starts)
        return torch.cat([_scores(module, trainer.prepared(images)) for images in parts])


def answer_all(trainer: Trainer) -> Answers:
    """Return the answers to all held-out images. Raise NetError for a net that does not answer once an image."""
    scores, labels = held_out_scores(trainer), trainer.data.held_out_labels
    losses = functional.cross_entropy(scores, labels, reduction="none")
    return Answers(labels.cpu().numpy(), scores.argmax(1).cpu().numpy(), losses.cpu().numpy())


def inspect(trainer: Trainer, index: int) -> InspectedImage:
    """Return one held-out image's way through the net."""
    data = trainer.data
    return _inspect(trainer, data.held_out_images[index : index + 1], index, int(data.held_out_labels[index]))


def inspect_drawing(trainer: Trainer, pixels: np.ndarray) -> InspectedImage:
    """Return the way of a drawing (height, width), 0 to 1, resized to the net's images; grey in each channel."""
    images = trainer.data.held_out_images
    drawn = torch.from_numpy(np.ascontiguousarray(pixels, np.float32))[None, None] * _brightest(images)
    resized = functional.interpolate(drawn, size=images.shape[2:], mode="area")
    return _inspect(trainer, resized.expand(1, *images.shape[1:]).to(images.dtype), DRAWN, DRAWN)


def _brightest(images: Tensor) -> float:
    return max(1.0, float(images.max())) if images.is_floating_point() else 255.0


def _inspect(trainer: Trainer, image: Tensor, index: int, label: int) -> InspectedImage:
    graph, module, data = trainer.graph, trainer.module, trainer.data
    module.eval()
    ends = _stage_ends(graph)
    found: dict[str, Tensor] = {}

    def keeper(name: str) -> object:
        def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            found[name] = output.detach()[0].float().cpu()

        return keep

    with ExitStack() as hooks, torch.no_grad():
        for layer in ends.values():
            hooks.callback(module.get_submodule(layer).register_forward_hook(keeper(layer)).remove)  # type: ignore[arg-type]
        probabilities = _scores(module, trainer.prepared(image))[0].softmax(0)
    stages = tuple(
        StageMaps(stage, layer, format_shape(tuple(found[layer].shape)), found[layer][:MAPS].numpy().copy())
        for stage, layer in ends.items()
    )
    pixels = image[0].float().cpu()
    top = _brightest(data.held_out_images)
    shown = (_filters(graph, module), *stages)
    return InspectedImage(index, label, (pixels / top).numpy(), tuple(filter(None, shown)), probabilities.cpu().numpy())


def _scores(module: nn.Module, images: Tensor) -> Tensor:
    outputs = module(images)
    scores: Tensor = outputs[0] if isinstance(outputs, tuple) else outputs
    return scores.float()


def _stage_ends(graph: Graph) -> dict[str, str]:
    """Return the last layer with a map of each stage, in the order of the net; without the image itself."""
    maps = (x for x in graph.layers if len(x.shape) == 3 and x.inputs and not x.auxiliary and x.shape[1:] != (1, 1))
    return {layer.stage: layer.name for layer in maps if layer.stage}


def _filters(graph: Graph, module: nn.Module) -> StageMaps | None:
    """Return the weights of the first convolution, as the mean over its input channels."""
    first = next((layer for layer in graph.layers if isinstance(layer.op, Conv2d)), None)
    if first is None:
        return None
    weight = module.get_parameter(f"{first.name}.weight").detach().float().cpu()
    shape = "×".join(map(str, weight.shape))
    return StageMaps(_("filters"), first.name, shape, weight[:MAPS].mean(1).numpy())
