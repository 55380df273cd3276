"""What a net is trained for: the loss that is minimised, auxiliary losses, and the share of wrong answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.training.data.pixel_labels import labelled_densely, labelled_with_boxes
from resviz.training.detection import Detection

if TYPE_CHECKING:
    from resviz.nets.graph import Graph
    from resviz.training.data.images import ImageSet
    from resviz.training.recipe import TrainConfig

AUXILIARY_WEIGHT = 0.3
"""Of an auxiliary classifier's loss in the sum that is descended: Szegedy et al. 2015, section 5."""


class Losses(NamedTuple):
    """The losses of a batch.

    `loss` belongs to the net's own output, `auxiliary` to its further outputs in their order. `objective` is what
    training minimises.
    """

    loss: Tensor
    auxiliary: list[Tensor]
    objective: Tensor
    error: Tensor


class Objective(Protocol):
    """The targets of a net's outputs in training."""

    def prepare(self, labels: Tensor, step: int | None) -> None:
        """Prepare a forward pass of training, or of evaluation if the step is None."""

    def targets(self, labels: Tensor) -> Tensor:
        """Return what the first output is held against."""

    def auxiliary_losses(self, outputs: tuple[Tensor, ...], labels: Tensor) -> list[Tensor]:
        """Return the losses of the further outputs."""

    weight: float
    """Of each of those in what is descended."""


class Classification:
    """Cross-entropy of each output: of the whole image, or of each place of it."""

    weight = AUXILIARY_WEIGHT

    def prepare(self, labels: Tensor, step: int | None) -> None:
        """Do nothing: a classifier's targets are its labels."""

    def targets(self, labels: Tensor) -> Tensor:
        """Return the labels."""
        return labels

    def auxiliary_losses(self, outputs: tuple[Tensor, ...], labels: Tensor) -> list[Tensor]:
        """Return the cross-entropy of each auxiliary classifier."""
        return [cross_entropy(output, labels) for output in outputs]


def losses(objective: Objective, outputs: Tensor | tuple[Tensor, ...], labels: Tensor) -> Losses:
    """Compute the losses of a batch and the share of wrong answers."""
    first, *others = outputs if isinstance(outputs, tuple) else (outputs,)
    targets = objective.targets(labels)
    loss = cross_entropy(first, targets)
    auxiliary = objective.auxiliary_losses(tuple(others), labels) if others else []
    total = torch.stack(auxiliary).sum() * objective.weight + loss if auxiliary else loss
    return Losses(loss, auxiliary, total, (first.detach().argmax(1) != targets).float().mean())


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over the batch, in nats."""
    return functional.cross_entropy(logits.float() if logits.dtype == torch.bfloat16 else logits, labels)


def label_for(graph: Graph, config: TrainConfig, data: ImageSet) -> ImageSet:
    """Return the images with the labels that the net is asked for. Raise DataError if they can't have them."""
    dense, detects = len(graph.output.shape) == 3, graph.is_detector
    if (dense or detects) and config.augmentation != "none":
        raise DataError(_("augmentation: it moves the objects, but the labels of pixels and boxes stay. Use none."))
    if detects and config.capture:
        raise DataError(
            _(
                "capture: a detector looks at other regions in each step, so its step can't be captured. "
                "Switch capture off."
            )
        )
    return labelled_densely(data) if dense else labelled_with_boxes(data) if detects else data


def make_objective(graph: Graph, module: nn.Module, seed: int) -> Objective:
    """Return what the net's outputs are asked for. `module` is the graph's, on its device."""
    return Detection(graph, module, seed) if graph.is_detector else Classification()
