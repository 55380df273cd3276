"""Accuracy against operations, with parameters: the scatter of Canziani, Paszke and Culurciello (arXiv 1605.07678).

Accuracies are as the papers report them; operations and parameters are counted on the graphs.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.analysis.claims.facts import RESNET_PAPER, facts
from resviz.analysis.claims.verdicts import counts
from resviz.base.assets import asset_folder
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


_VARIANTS = ("-bn", "64x4d")
"""VGG with batch normalization; and a ResNeXt whose first weights were trained by torchvision's later recipe."""
TORCHVISION = "torchvision, weights IMAGENET1K_V1, one crop"


def published_points() -> tuple[AccuracyPoint, ...]:
    """Return the nets that torchvision has trained: one crop, on ImageNet's validation set.

    These are the first weights of each net of the papers, all trained by one recipe. Later weights, and those of
    variants, are left out: they say more of their recipe than of the net.
    """
    content = tomllib.loads((asset_folder("resources") / "weights.toml").read_text(encoding="utf-8"))
    found = []
    for entry in content["weights"]:
        if entry["version"] != "IMAGENET1K_V1" or any(mark in entry["net"] for mark in _VARIANTS):
            continue
        spec, total = catalogue.find(entry["net"]), counts(entry["net"])
        name = spec.label.removesuffix(", torchvision").removesuffix(" + aux")
        accuracy = 100 - float(entry["top1_error"])
        found.append(AccuracyPoint(name, spec.unit, accuracy, total.flops, total.parameters, TORCHVISION))
    return tuple(found)
