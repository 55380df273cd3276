"""The depth tables one click away, and the nets that can be added to one. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from resviz.base.translation import _
from resviz.gui.builder.open_net import OpenNet, aligned, resolve
from resviz.nets import catalogue
from resviz.nets.spec import NetSpec

BLANK = NetSpec(name="net", title=_("new net"), stages=())
"""A column with nothing in it but its head: a table to be filled in."""


@dataclass(frozen=True)
class Family:
    """A family of nets, by their names in the catalogue.

    `selected_index` is selected first, and the nets `side_by_side` are drawn beside it.
    """

    title: str
    tip: str
    nets: tuple[str, ...]
    selected_index: int = 0
    side_by_side: tuple[int, ...] = ()

    def columns(self) -> list[OpenNet]:
        """Return the family's nets, built and counted."""
        return aligned([resolve(catalogue.find(name)) for name in self.nets]) if self.nets else [resolve(BLANK)]


FAMILIES = {
    "resnet": Family(
        "ResNet",
        _("Table 1 of “Deep Residual Learning”: ResNets for ImageNet."),
        ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
        selected_index=1,
    ),
    "plain": Family(
        "plain",
        _("Plain nets and residual nets of the same depth."),
        ("plain18", "resnet18", "plain34", "resnet34"),
        selected_index=1,
    ),
    "cifar": Family(
        "CIFAR",
        _("Section 4.2: nets for CIFAR with 6n+2 layers."),
        ("cifar-plain20", "cifar-resnet20", "cifar-resnet56", "cifar-resnet110"),
        selected_index=1,
    ),
    "vgg": Family(
        "VGG", _("VGG's configurations A to E."), ("vgg11", "vgg13", "vgg16c", "vgg16", "vgg19"), selected_index=1
    ),
    "figure3": Family(
        "Fig. 3",
        _("Figure 3: VGG-19, plain-34 and ResNet-34 side by side."),
        ("vgg19", "plain34", "resnet34"),
        2,
        (0, 1),
    ),
    "classics": Family(
        _("Classic"),
        _("LeNet-5, AlexNet and ZFNet, which have no stages."),
        ("lenet5", "alexnet", "alexnet-2groups", "zfnet"),
        selected_index=1,
    ),
    "inception": Family(
        "Inception",
        _("GoogLeNet with blocks of four branches: alone, with auxiliary classifiers, and as in torchvision."),
        ("googlenet", "googlenet-aux", "torchvision-googlenet"),
    ),
    "blank": Family(_("New"), _("An empty table for a net of your own."), ()),
}


def addable() -> dict[str, str]:
    """Return what can be added: the name in the catalogue, and how people write it."""
    return {name: catalogue.find(name).label for name in catalogue.names()}
