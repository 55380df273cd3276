"""The losses of a detector, and the regions that it is trained on ("Faster R-CNN", arXiv 1506.01497, section 3.1).

Each image has one object, in a box of rows and columns: (top, left, bottom, right), pixels. The proposal network is
trained on all its anchors; the regions of a step are the object's box, one near it and two anywhere, not yet the
network's own proposals ("approximate joint training" without its last step).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.training.modules import RegionPool2d
from resviz.training.random_generators import generator

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

_SCALES, _RATIOS = (0.2, 0.4, 0.8), (0.5, 1.0, 2.0)
"""Of anchors: roots of their areas as shares of the image's side (the paper's are 128, 256 and 512 of 600); height :
width."""
_OBJECT, _NONE, _SAME = 0.7, 0.3, 0.5
"""Overlaps from which an anchor is an object, up to which it is none, and from which a region is the object's."""
_IGNORED = -1
_NEAR, _ANYWHERE = 1, 2


_PROPOSED, _PROPOSALS, _SURE = 0.7, 16, 0.5
"""Overlap up to which proposals are kept apart (section 3.3), how many are looked at, and the probability from which on
a box is shown."""


class DetectedBox(NamedTuple):
    """An object that was found: its class, without the background, how probable it is, and its box in pixels."""

    label: int
    probability: float
    top: float
    left: float
    bottom: float
    right: float


class Detected(NamedTuple):
    """The boxes that were found, the most probable first, and the probabilities of its classes (class,)."""

    boxes: tuple[DetectedBox, ...]
    probabilities: Tensor


class Detection:
    """The objective of a detector (Ren et al. 2015, section 3.1.2).

    The first output is the class of each region, 0 for background. The others, in the graph's order, are which anchors
    are objects, the anchors' boxes, and the regions' boxes.
    """

    weight = 1.0

    def __init__(self, graph: Graph, module: nn.Module, seed: int) -> None:
        self._seed = seed
        name = next(layer.name for layer in graph.layers if layer.op.kind == "region pool")
        pool = module.get_submodule(name)
        assert isinstance(pool, RegionPool2d)
        self._pool = pool
        _, *self._map = graph[graph[name].inputs[0]].shape
        _, *self._image = graph.input_shape
        self._anchors = anchors(self._image, self._map)
        self._boxes, self._of = torch.empty(0, 4), torch.empty(0, dtype=torch.int64)

    def prepare(self, labels: Tensor, step: int | None) -> None:
        """Choose the regions of a step. In evaluation, without a step, they are the boxes of the objects."""
        own = labels[:, 1:].float().cpu()
        boxes = [own] if step is None else self._chosen(own, step)
        self._look_at(torch.cat(boxes), torch.arange(len(own)).repeat(len(boxes)))

    def _look_at(self, boxes: Tensor, of: Tensor) -> None:
        """Make these boxes (region, 4) the regions of the next forward pass; `of` has each one's image (region,)."""
        self._boxes, self._of = boxes, of
        scale = torch.tensor([self._map[0] / self._image[0], self._map[1] / self._image[1]]).repeat(2)
        ends = torch.tensor([self._map[0] - 1, self._map[1] - 1]).repeat(2)
        places = torch.minimum((self._boxes * scale).floor().clamp(min=0), ends).long()
        self._pool.regions = torch.cat([self._of[:, None], places], 1)

    @torch.no_grad()
    def detect(self, module: nn.Module, image: Tensor) -> Detected:
        """Return what the net finds in one image (1, channel, height, width), on the CPU.

        The first pass gives the proposals, the second one looks at them. Of boxes that overlap the best one is kept.
        """
        height, width = self._image
        self._look_at(torch.tensor([[0.0, 0.0, height - 1.0, width - 1.0]]), torch.zeros(1, dtype=torch.int64))
        _classes, objectness, deltas, _moved = (output.float() for output in module(image))
        rows, columns = self._map
        scores = objectness.view(2, -1, rows, columns).softmax(0)[1].flatten()
        found = deltas.view(-1, 4, rows, columns).movedim(1, -1).reshape(-1, 4)
        boxes = self._clipped(decoded(found, self._anchors.reshape(-1, 4)))
        boxes = boxes[_best_apart(boxes, scores, _PROPOSED)[:_PROPOSALS]]
        self._look_at(boxes, torch.zeros(len(boxes), dtype=torch.int64))
        classes, _objectness, _deltas, moved = (output.float() for output in module(image))
        probabilities = classes.softmax(1)
        certainty, label = probabilities[:, 1:].max(1)
        own = moved.view(len(moved), -1, 4)[torch.arange(len(moved)), label + 1]
        boxes = self._clipped(decoded(own, boxes))
        kept = _best_apart(boxes, certainty, _SAME)
        sure = [index for index in kept if certainty[index] >= _SURE] or kept[:1]
        digits = probabilities[sure[0], 1:]
        return Detected(
            tuple(DetectedBox(int(label[index]), float(certainty[index]), *boxes[index].tolist()) for index in sure),
            digits / digits.sum(),
        )

    def _clipped(self, boxes: Tensor) -> Tensor:
        """Return boxes that end at the image's border."""
        ends = torch.tensor(self._image, dtype=torch.float32).repeat(2) - 1
        return torch.minimum(boxes.clamp(min=0), ends)

    def targets(self, labels: Tensor) -> Tensor:
        """Return the true class of each region, 0 for background: (region,) int64."""
        return torch.where(self._is_object(labels), labels[self._of.to(labels.device), 0], 0)

    def auxiliary_losses(self, outputs: tuple[Tensor, ...], labels: Tensor) -> list[Tensor]:
        """Return the losses of the anchors' objectness, of their boxes, and of the regions' boxes (Ren et al.

        2015, eq. 1).
        """
        objectness, deltas, moved = (output.float() for output in outputs)
        own = labels[:, 1:].float()
        grid = self._anchors.to(own.device)
        overlaps = overlap(grid[None], own[:, None, None, None])  # (image, anchor, row, column)
        best = overlaps.flatten(1).amax(1)[:, None, None, None]
        target = torch.full(overlaps.shape, _IGNORED, device=own.device)
        target[overlaps < _NONE] = 0
        target[(overlaps >= _OBJECT) | (overlaps == best)] = 1
        count, rows, columns = len(own), *self._map
        scores = objectness.view(count, 2, -1, rows, columns)  # (image, two, anchor, row, column)
        proposals = functional.cross_entropy(scores, target, ignore_index=_IGNORED)
        found = deltas.view(count, -1, 4, rows, columns).movedim(2, -1)  # (image, anchor, row, column, four)
        wanted = encoded(own[:, None, None, None], grid[None])
        positive = target == 1
        boxes = functional.smooth_l1_loss(found[positive], wanted[positive])
        return [proposals, boxes, self._region_boxes(moved, labels)]

    def _region_boxes(self, moved: Tensor, labels: Tensor) -> Tensor:
        """Of the regions that are objects: how far they are from the object's box."""
        regions, of = self._boxes.to(labels.device), self._of.to(labels.device)
        chosen = self._is_object(labels)
        classes = labels[of, 0][chosen]
        found = moved.view(len(moved), -1, 4)[chosen, classes]
        return functional.smooth_l1_loss(found, encoded(labels[of, 1:].float()[chosen], regions[chosen]))

    def _is_object(self, labels: Tensor) -> Tensor:
        regions, own = self._boxes.to(labels.device), labels[self._of.to(labels.device), 1:].float()
        return overlap(regions, own) >= _SAME

    def _chosen(self, own: Tensor, step: int) -> list[Tensor]:
        """Return the objects' boxes, boxes near them, and boxes anywhere: a function of the seed and the step."""
        random = generator(self._seed, f"regions {step}")
        size = torch.tensor(self._image, dtype=torch.float32).repeat(2)
        sides = (own[:, 2:] - own[:, :2]).repeat(1, 2)
        near = [own + sides * (torch.rand(own.shape, generator=random) - 0.5) * 0.3 for _ in range(_NEAR)]
        ends = [torch.rand(2, len(own), 2, generator=random).sort(0).values for _ in range(_ANYWHERE)]
        anywhere = [torch.cat([first, last], 1) * (size - 1) for first, last in ends]
        return [own, *(torch.minimum(box.clamp(min=0), size - 1) for box in (*near, *anywhere))]


def anchors(image: list[int], map_: list[int]) -> Tensor:
    """Return the boxes of all anchors, (anchor, row, column, 4): nine about the middle of each place."""
    side = min(image)
    shapes = [(side * scale * ratio**0.5, side * scale / ratio**0.5) for scale in _SCALES for ratio in _RATIOS]
    rows, columns = ((torch.arange(places) + 0.5) * size / places for places, size in zip(map_, image, strict=True))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack(
        [torch.stack([y - high / 2, x - wide / 2, y + high / 2, x + wide / 2], -1) for high, wide in shapes]
    )


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Return the intersection over union of boxes (..., 4)."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    sizes = [(box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1) for box in (a, b)]
    return shared / (sizes[0] + sizes[1] - shared).clamp(min=1e-9)


def encoded(boxes: Tensor, anchors: Tensor) -> Tensor:
    """Return boxes relative to their anchors.

    Offset of the middle in sides, and logarithm of the sides' ratio (eq. 2).
    """
    middles = [(box[..., :2] + box[..., 2:]) / 2 for box in (boxes, anchors)]
    sides = [(box[..., 2:] - box[..., :2]).clamp(min=1.0) for box in (boxes, anchors)]
    moved = (middles[0] - middles[1]) / sides[1]
    return torch.cat([moved, (sides[0] / sides[1]).log()], -1)


def decoded(moved: Tensor, anchors: Tensor) -> Tensor:
    """Return the boxes (..., 4) that `encoded` wrote relative to their anchors."""
    middles = (anchors[..., :2] + anchors[..., 2:]) / 2
    sides = (anchors[..., 2:] - anchors[..., :2]).clamp(min=1.0)
    found, half = middles + moved[..., :2] * sides, sides * moved[..., 2:].clamp(max=_MAX_GROWTH).exp() / 2
    return torch.cat([found - half, found + half], -1)


_CANDIDATES = 200
"""Boxes with the best scores, of which those that overlap less are kept."""
_MAX_GROWTH = 4.0
"""The largest logarithm by which a box may grow: an untrained net must not overflow."""


def _best_apart(boxes: Tensor, scores: Tensor, most: float) -> list[int]:
    """Return boxes by their numbers, the best score first, without those that overlap a better one by more."""
    kept: list[int] = []
    for index in scores.argsort(descending=True, stable=True)[:_CANDIDATES].tolist():
        if not kept or float(overlap(boxes[index], boxes[kept]).max()) <= most:
            kept.append(index)
    return kept
