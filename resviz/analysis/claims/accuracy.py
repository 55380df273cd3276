"""Accuracy against operations, with parameters: the scatter of Canziani, Paszke and Culurciello (arXiv 1605.07678).

Accuracies are as the papers report them; operations and parameters are counted on the graphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.analysis.claims.facts import RESNET_PAPER, facts
from resviz.analysis.claims.verdicts import counts
from resviz.nets import catalogue

if TYPE_CHECKING:
    from resviz.nets.spec import NetSpec

_NETS = {  # of tables 2 and 3: how the paper calls a net, and its name in the catalogue
    "VGG-16": "vgg16",
    "PReLU-net": "prelu-net-c",
    "plain-18": "plain18",
    "ResNet-18": "resnet18",
    "plain-34": "plain34",
    "ResNet-34 B": "resnet34",
    "ResNet-50": "resnet50",
    "ResNet-101": "resnet101",
    "ResNet-152": "resnet152",
}
_OPTIONS = {"ResNet-34 B": "B"}


def paper_name(spec: NetSpec) -> str:
    """Return the name of a net in tables 2 and 3, or "" if they do not have it."""
    if spec.name == "resnet34":
        return f"ResNet-34 {spec.shortcut}"
    return next((name for name, known in _NETS.items() if known == spec.name), "")


@dataclass(frozen=True)
class AccuracyPoint:
    """`accuracy` is top-1 in per cent; `unit` is the net's, for its colour."""

    name: str
    unit: str
    accuracy: float
    flops: int
    parameters: int
    source: str


def accuracy_points() -> tuple[AccuracyPoint, ...]:
    """Return the nets of tables 2 and 3 whose top-1 error is reported: 10-crop, on ImageNet's validation set."""
    found = []
    for name, top1, _ in facts("resnet")["imagenet_error"][0]["rows"]:
        if name in _NETS and top1 != "-":
            spec = catalogue.find(_NETS[name])
            total = counts(spec.name, **({"shortcut": _OPTIONS[name]} if name in _OPTIONS else {}))
            accuracy = 100 - float(top1)
            source = f"{RESNET_PAPER}, tables 2 and 3"
            found.append(AccuracyPoint(name, spec.unit, accuracy, total.flops, total.parameters, source))
    return tuple(found)
