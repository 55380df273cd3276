"""A detector on a net that it shares: Faster R-CNN on ResNet-101.

Ren et al. 2015 (arXiv 1506.01497), as "Deep Residual Learning", appendix A, builds it. All stages but the last are
shared by the whole image. A region proposal network slides over their map. The last stage and two fully connected
layers work on each region by itself, pooled to one size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.nets.ops import AdaptiveAvgPool2d, Conv2d, Flatten, Linear, RegionPool2d, ReLU

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.nets.graph import GraphBuilder
    from resviz.nets.head_notation import Detector
    from resviz.nets.spec import NetSpec

PROPOSALS = "RPN"
"""The stage of the region proposal network."""
_PROPOSAL_FILTERS, _COORDINATES = 512, 4
_FROM_IMAGE = 2
"""Scores of an anchor: object, or none."""


def detector(
    builder: GraphBuilder, source: str, spec: NetSpec, head: Detector, last_stage: Callable[[str], str]
) -> None:
    """Add proposals and regions after the shared part, which ends at `source`.

    `last_stage` adds the stage of a region.
    """
    channels = builder.shape(source)[0]
    with builder.stage(PROPOSALS), builder.branch(1):
        out = builder.add("rpn.conv", Conv2d(channels, _PROPOSAL_FILTERS, 3, padding=1, bias=True), source)
        out = builder.add("rpn.relu", ReLU(), out)
        for name, each in (("rpn.cls_logits", _FROM_IMAGE), ("rpn.bbox_pred", _COORDINATES)):
            builder.add(name, Conv2d(_PROPOSAL_FILTERS, each * head.anchors, 1, bias=True), out)
    with builder.per_region():
        with builder.stage(spec.stage_name(len(spec.stages) - 1)):
            out = builder.add("roi_pool", RegionPool2d(head.side), source)
        out = last_stage(out)
        with builder.stage("fc"):
            out = builder.add("avgpool", AdaptiveAvgPool2d(), out)
            out = builder.add("flatten", Flatten(), out)
            features = builder.shape(out)[0]
            builder.add("bbox_pred", Linear(features, _COORDINATES * spec.classes), out)
            builder.add("cls_score", Linear(features, spec.classes), out)
