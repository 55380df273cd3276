"""A detector is trained on what its paper says: anchors, regions and their boxes."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resviz.analysis.counts import count, shares_text
from resviz.base.errors import DataError, NetError
from resviz.measurements.quantities import AUXILIARY_LOSS
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.training.data.images import load
from resviz.training.data.pixel_labels import labelled_with_boxes
from resviz.training.detection import Detection, anchors, decoded, encoded, overlap
from resviz.training.inspection import answer_all, inspect
from resviz.training.modules import RegionPool2d, to_module
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(data="digits", batch=16, steps=100, learning_rate=0.02, evaluate_every=0)


def small() -> Graph:
    stages = [f"[3x3,{width}; 3x3,{width}] x1" for width in (16, 32, 64)]
    spec = catalogue.find("cifar-resnet20").with_options(stages=stages, head="Faster R-CNN")
    return build(CONFIG.fitted(spec))


def trainer(config: TrainConfig = CONFIG) -> Trainer:
    return Trainer(small(), config, load(config.data, config.seed))


def test_what_is_shared_what_proposes_and_a_region_are_counted_apart() -> None:
    counts = count(build(catalogue.find("faster-rcnn-resnet101")))
    shared, proposals, region = counts.shares
    assert sum(share.flops for share in counts.shares) == counts.flops
    assert sum(share.parameters for share in counts.shares) == counts.parameters
    whole = count(build(catalogue.find("resnet101")))
    shared_stages = [row for row in whole.rows if row.layer.stage in ("conv1", "conv2_x", "conv3_x", "conv4_x")]
    assert shared.parameters == sum(row.parameters for row in shared_stages)
    assert proposals.parameters == 1024 * 512 * 9 + 512 + 512 * (18 + 36) + 18 + 36
    # conv5_x on 14×14, as in the classifier, whose map there is as large, and both heads.
    conv5 = sum(row.flops for row in whole.rows if row.layer.stage == "conv5_x")
    assert region.flops == conv5 + 2048 * (21 + 84)
    assert "300 regions" in shares_text(counts)
    assert shares_text(whole) == ""


def test_a_detector_has_nine_anchors_a_place_scored_and_moved() -> None:
    graph = build(catalogue.find("faster-rcnn-resnet101"))
    assert graph["rpn.cls_logits"].shape[0] == 2 * 9
    assert graph["rpn.bbox_pred"].shape[0] == 4 * 9
    assert graph["roi_pool"].shape == (1024, 14, 14)
    assert [layer.name for layer in graph.outputs] == ["cls_score", "rpn.cls_logits", "rpn.bbox_pred", "bbox_pred"]


@pytest.mark.parametrize("options", [{"shrink": "pool"}, {"stages": ["[3x3,8; 3x3,8] x1"]}, {"unit": "preactivation"}])
def test_where_nothing_can_be_shared_a_detector_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(NetError, match="Faster R-CNN needs two or more stages"):
        build(catalogue.find("cifar-resnet20").with_options(head="Faster R-CNN", **options))


def test_overlaps_and_boxes_are_those_of_pixels_counted_one_by_one() -> None:
    def pixels(box: torch.Tensor) -> set[tuple[int, int]]:
        top, left, bottom, right = map(int, box)
        return {(row, column) for row in range(top, bottom) for column in range(left, right)}

    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        ends = torch.randint(0, 12, (2, 2, 2), generator=generator).sort(1).values
        a, b = (torch.cat([box[0], box[1]]).float() for box in ends)
        union = len(pixels(a) | pixels(b))
        expected = len(pixels(a) & pixels(b)) / union if union else 0.0
        assert float(overlap(a, b)) == pytest.approx(expected, abs=1e-6)
    box, anchor = torch.tensor([2.0, 3.0, 6.0, 11.0]), torch.tensor([0.0, 0.0, 4.0, 4.0])
    assert encoded(box, anchor).tolist() == pytest.approx([0.5, 1.25, 0.0, float(torch.tensor(2.0).log())])


def test_anchors_stand_about_the_middle_of_each_place() -> None:
    grid = anchors([32, 64], [4, 8])
    assert grid.shape == (9, 4, 8, 4)
    middles = (grid[..., :2] + grid[..., 2:]) / 2
    assert middles[:, 1, 2].tolist() == [[12.0, 20.0]] * 9
    areas = (grid[..., 2:] - grid[..., :2]).prod(-1)[:, 0, 0].sqrt() / 32
    assert sorted(set(areas.round(decimals=3).tolist())) == pytest.approx([0.2, 0.4, 0.8], abs=1e-3)


def test_a_region_is_pooled_as_if_it_were_the_whole_map() -> None:
    pool = RegionPool2d(2)
    x = torch.randn(2, 3, 6, 6)
    pool.regions = torch.tensor([[1, 2, 1, 5, 4], [0, 0, 0, 0, 0]])
    out = pool(x)
    assert torch.equal(out[0, :, 0, 0], x[1, :, 2:4, 1:3].amax((1, 2)))
    assert torch.equal(out[1], x[0, :, :1, :1].expand(3, 2, 2))


def test_an_images_box_is_that_of_its_ink() -> None:
    data = load("digits16", 0)
    boxed = labelled_with_boxes(data)
    label, top, left, bottom, right = boxed.labels[3].tolist()
    assert label == int(data.labels[3]) + 1
    ink = (data.images[3, 0] > data.images.max() / 2).nonzero()
    assert (top, left, bottom, right) == (*ink.amin(0).tolist(), *ink.amax(0).tolist())


def test_regions_are_a_function_of_the_seed_and_the_step_and_some_are_background() -> None:
    graph = small()
    labels = labelled_with_boxes(load("digits", 0)).labels[:16]
    first, again = (Detection(graph, to_module(graph), 0) for _ in range(2))
    for detection in (first, again):
        detection.prepare(labels, 7)
    assert first._pool.regions is not None
    assert torch.equal(first._pool.regions, again._pool.regions)  # type: ignore[arg-type]
    answers = first.targets(labels)
    assert len(answers) == 4 * 16
    assert torch.equal(answers[:16], labels[:, 0]), "the object's own box is the object"
    assert 0 < int((answers == 0).sum()) < 48


def test_a_detector_learns_the_digits_and_where_they_are() -> None:
    used = trainer()
    assert used.evaluate()[1] > 0.8
    rows = []
    for _ in used.steps():
        if used.is_full:
            rows.append(used.drain()[AUXILIARY_LOSS.name])
    beside = torch.cat([torch.from_numpy(part) for part in rows])
    assert used.evaluate()[1] < 0.4
    assert bool((beside[-10:].mean(0) < 0.7 * beside[:5].mean(0)).all()), "proposals and boxes too"


def test_what_a_detector_can_not_be_trained_with_is_said() -> None:
    with pytest.raises(DataError, match="Switch capture off"):
        trainer(CONFIG.model_copy(update={"capture": True}))
    with pytest.raises(DataError, match="augmentation: it moves the objects"):
        trainer(CONFIG.model_copy(update={"augmentation": "crop-flip"}))


@given(st.lists(st.tuples(*[st.floats(0, 20)] * 4), min_size=1, max_size=6), st.tuples(*[st.floats(0, 20)] * 4))
def test_a_box_is_decoded_from_what_was_encoded(corners: list[tuple[float, ...]], anchor: tuple[float, ...]) -> None:
    def box(values: tuple[float, ...]) -> torch.Tensor:
        top, left, high, wide = values
        return torch.tensor([top, left, top + 1 + high, left + 1 + wide], dtype=torch.float64)

    boxes = torch.stack([box(values) for values in corners])
    anchors = box(anchor).expand(len(boxes), 4)
    assert decoded(encoded(boxes, anchors), anchors) == pytest.approx(boxes, abs=1e-6)


@pytest.mark.slow
def test_a_trained_detector_finds_digits_and_their_boxes() -> None:
    data = load("digits", 0)
    data = replace(data, held_out_images=data.held_out_images[:40], held_out_labels=data.held_out_labels[:40])
    one = Trainer(small(), CONFIG, data)
    for _ in one.steps():
        if one.is_full:
            one.drain()
    right, overlaps = 0, []
    for index in range(40):
        found = one.detect(one.data.held_out_images[index : index + 1])
        best = found.boxes[0]
        label, *own = one.data.held_out_labels[index].tolist()
        right += best.label == label - 1
        overlaps.append(float(overlap(torch.tensor(best[2:]), torch.tensor(own, dtype=torch.float32))))
        assert found.probabilities.sum() == pytest.approx(1.0, abs=1e-4)
        assert found.probabilities.shape == (10,)
        for other in found.boxes[1:]:
            assert overlap(torch.tensor(best[2:]), torch.tensor(other[2:])) <= 0.5
    assert right >= 16, "chance is 4"
    assert sorted(overlaps)[len(overlaps) // 2] > 0.4
    answers = answer_all(one)
    assert len(answers.labels) == len(one.data.held_out_images)
    assert answers.confusion(10).trace() / len(answers.labels) >= 0.4
    image = inspect(one, 3)
    assert image.boxes
    assert image.answer == answers.answers[3]
    assert image.label == answers.labels[3]


def test_a_net_that_is_no_detector_detects_nothing() -> None:
    config = CONFIG
    net = Trainer(build(config.fitted(catalogue.find("lenet5"))), config, load("digits", 0))
    with pytest.raises(NetError, match="is no detector"):
        net.detect(net.data.held_out_images[:1])


def test_regions_anywhere_reach_the_last_row_and_column_and_no_further() -> None:
    """As corners of pixels: from 0 to the side less one."""
    graph = small()
    task = Detection(graph, to_module(graph), 0)
    own = torch.tensor([[0.0, 0.0, 5.0, 5.0]]).repeat(400, 1)
    boxes = torch.cat(task._chosen(own, 3)[-2:])
    height, width = task._image
    assert boxes.min() >= 0
    assert boxes[:, [0, 2]].max() <= height - 1
    assert boxes[:, [1, 3]].max() <= width - 1
    assert boxes[:, 2].max() > height - 1.5, "of 800 corners one is next to the end"
    assert boxes[:, 3].max() > width - 1.5
    assert (boxes[:, 2:] >= boxes[:, :2]).all()


def test_a_proposal_is_the_anchor_that_scores_best_moved_by_its_own_four_numbers() -> None:
    graph = small()
    detection = Detection(graph, to_module(graph), 0)
    rows, columns = detection._map
    known = detection._anchors
    count, chosen = len(known), (4, rows - 2, columns // 2)
    height, width = detection._image
    box = torch.tensor([3.0, 2.0, height - 6.0, width - 4.0])
    scores, deltas = torch.zeros(1, 2 * count, rows, columns), torch.randn(1, 4 * count, rows, columns)
    scores[0, count + chosen[0], chosen[1], chosen[2]] = 20.0
    deltas[0, 4 * chosen[0] : 4 * chosen[0] + 4, chosen[1], chosen[2]] = encoded(box[None], known[chosen][None])[0]
    looked_at: list[torch.Tensor] = []

    def answers(_image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        looked_at.append(detection._boxes)
        regions = len(detection._boxes)
        return torch.zeros(regions, 11), scores, deltas, torch.zeros(regions, 44)

    detection.detect(answers, torch.zeros(1, 1, height, width))  # type: ignore[arg-type]
    torch.testing.assert_close(looked_at[1][0], box, rtol=1e-3, atol=1e-2)
