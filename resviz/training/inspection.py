"""What a trained net makes of single images: its maps behind each stage, its answers, and where it errs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
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
    from resviz.training.detection import DetectedBox
    from resviz.training.trainer import Trainer

MAPS = 8
"""Channels that are kept of each stage, the first ones: a channel is the same in every image."""
_BATCH = 256


DRAWN = -1
"""The index and the class of an image that a person drew."""


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
class PixelAnswers:
    """What a net answers at each pixel, and the true classes (height, width); 0 is the background."""

    answers: np.ndarray
    labels: np.ndarray

    @property
    def error(self) -> float:
        """Share of pixels with a wrong answer."""
        return float((self.answers != self.labels).mean())


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
    pixels: PixelAnswers | None = None
    """Answers pixel by pixel. None if the net answers once an image."""
    boxes: tuple[DetectedBox, ...] = ()
    """Boxes that a detector found, the most probable one first."""

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
    """The net's answer to every held-out image: true classes, answers and the loss of each (image,).

    Of a net that answers at each pixel, classes and answers are (image, height, width).
    """

    labels: np.ndarray
    answers: np.ndarray
    losses: np.ndarray

    @property
    def is_wrong(self) -> np.ndarray:
        """Which images have a wrong answer (image,), at any pixel if there are several."""
        differ: np.ndarray = (self.labels != self.answers).reshape(len(self.labels), -1).any(1)
        return differ

    def confusion(self, classes: int) -> np.ndarray:
        """Return how many images of each true class got each answer: (true class, answer)."""
        found = np.zeros((classes, classes), np.int64)
        np.add.at(found, (self.labels, self.answers), 1)
        return found

    def worst(self, count: int) -> list[int]:
        """Return the images with wrong answers, the largest loss first."""
        wrong = np.flatnonzero(self.is_wrong)
        return [int(index) for index in wrong[np.argsort(-self.losses[wrong], kind="stable")][:count]]


def held_out_scores(trainer: Trainer) -> Tensor:
    """Return the scores of all held-out images, float32: (image, class), or (image, class, height, width).

    Raise NetError for a net that answers for regions.
    """
    data, module = trainer.data, trainer.module
    if trainer.graph.is_detector:
        raise NetError(
            _("{net} answers for regions. Choose a net that classifies whole images, or each pixel.").format(
                net=trainer.graph.name
            )
        )
    module.eval()
    with torch.no_grad():
        starts = range(0, len(data.held_out_labels), _BATCH)
        parts = (data.held_out_images[start : start + _BATCH] for start in starts)
        return torch.cat([_scores(module, trainer.prepared(images)) for images in parts])


def answer_all(trainer: Trainer) -> Answers:
    """Return the answers to all held-out images, of a detector those of its most probable box."""
    if trainer.graph.is_detector:
        return _detector_answers(trainer)
    scores, labels = held_out_scores(trainer), trainer.data.held_out_labels
    losses = functional.cross_entropy(scores, labels, reduction="none")
    losses = losses.reshape(len(losses), -1).mean(1)  # of the pixels, where there are several
    return Answers(labels.cpu().numpy(), scores.argmax(1).cpu().numpy(), losses.cpu().numpy())


def _detector_answers(trainer: Trainer) -> Answers:
    labels = trainer.data.held_out_labels[:, 0].cpu() - 1  # without the background
    images = trainer.data.held_out_images
    found = torch.stack([trainer.detect(images[index : index + 1]).probabilities for index in range(len(images))])
    losses = functional.nll_loss(found.clamp(min=1e-12).log(), labels, reduction="none")
    return Answers(labels.numpy(), found.argmax(1).numpy(), losses.numpy())


def inspect(trainer: Trainer, index: int) -> InspectedImage:
    """Return one held-out image's way through the net."""
    image, label = trainer.data.held_out_images[index : index + 1], trainer.data.held_out_labels[index]
    if label.ndim == 0:
        return _inspect(trainer, image, index, int(label))
    if label.ndim == 1:  # a box
        return _inspect(trainer, image, index, int(label[0]) - 1)
    found = _inspect(trainer, image, index, int(label.max()) - 1)  # one class more: the background
    assert found.pixels is not None
    return replace(found, pixels=replace(found.pixels, labels=label.cpu().numpy()))


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
        boxes: tuple[DetectedBox, ...] = ()
        if trainer.graph.is_detector:
            boxes, probabilities = trainer.detect(image)
        else:
            probabilities = _scores(module, trainer.prepared(image))[0].softmax(0).cpu()
    pixels = None
    if probabilities.ndim == 3:
        answers = probabilities.argmax(0).numpy()
        pixels = PixelAnswers(answers, np.zeros_like(answers))
        # Of the pixels that are no background, what the net makes of them, without the background.
        digits = probabilities[1:, torch.from_numpy(answers > 0)]
        probabilities = digits.mean(1) if digits.shape[1] else probabilities[1:].mean((1, 2))
        probabilities = probabilities / probabilities.sum()
    stages = tuple(
        StageMaps(stage, layer, format_shape(tuple(found[layer].shape)), found[layer][:MAPS].numpy().copy())
        for stage, layer in ends.items()
    )
    shown_image = image[0].float().cpu()
    top = _brightest(data.held_out_images)
    shown = (_filters(graph, module), *stages)
    maps = tuple(filter(None, shown))
    return InspectedImage(index, label, (shown_image / top).numpy(), maps, probabilities.numpy(), pixels, boxes)


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
