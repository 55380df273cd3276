"""The depth tables one click away, and the nets that can be added to one. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from resviz.gui.builder.open_net import OpenNet, aligned, resolve
from resviz.nets import catalogue
from resviz.nets.spec import NetSpec

BLANK = NetSpec(name="net", title="new net", stages=())
"""A column with nothing in it but its head: a table to be filled in."""


@dataclass(frozen=True)
class Family:
    """`nets` are names of the catalogue; `chosen` is looked at first, and those `beside` it stand in the picture."""

    title: str
    tip: str
    nets: tuple[str, ...]
    selected_index: int = 0
    side_by_side: tuple[int, ...] = ()

    def columns(self) -> list[OpenNet]:
        """The family's nets, built and counted."""
        return aligned([resolve(catalogue.find(name)) for name in self.nets]) if self.nets else [resolve(BLANK)]


FAMILIES = {
    "resnet": Family(
        "ResNet",
        "table 1 of “Deep Residual Learning”",
        ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
        selected_index=1,
    ),
    "plain": Family(
        "plain",
        "the plain nets beside their residual twins",
        ("plain18", "resnet18", "plain34", "resnet34"),
        selected_index=1,
    ),
    "cifar": Family(
        "CIFAR",
        "section 4.2: one number n, 6n+2 layers",
        ("cifar-plain20", "cifar-resnet20", "cifar-resnet56", "cifar-resnet110"),
        selected_index=1,
    ),
    "vgg": Family("VGG", "configurations A to E", ("vgg11", "vgg13", "vgg16c", "vgg16", "vgg19"), selected_index=1),
    "figure3": Family(
        "Fig. 3", "figure 3: VGG-19, plain-34 and ResNet-34 side by side", ("vgg19", "plain34", "resnet34"), 2, (0, 1)
    ),
    "classics": Family(
        "Classic",
        "LeNet-5, AlexNet and ZFNet: nets without stages, all of them stem and head",
        ("lenet5", "alexnet", "alexnet-2groups", "zfnet"),
        selected_index=1,
    ),
    "inception": Family(
        "Inception",
        "GoogLeNet: blocks of four branches; alone, with its auxiliary classifiers, and as torchvision has it",
        ("googlenet", "googlenet-aux", "torchvision-googlenet"),
    ),
    "blank": Family("New", "a table to be filled in", ()),
}


def addable() -> dict[str, str]:
    """What can be added: the name in the catalogue, and how people write it."""
    return {name: catalogue.find(name).label for name in catalogue.names()}
