"""The kinds of layer: output shape, parameters and multiply-adds of each.

Adding an op is a class in one of these files, its name here, and a line in `resviz/training/modules.py`.
"""

from resviz.nets.ops.merging import Add, Concat, Fuse, HighwaySum, Join, PadShortcut
from resviz.nets.ops.pointwise import (
    Crop,
    Dropout,
    Flatten,
    Input,
    LeakyReLU,
    LocalResponseNorm,
    PReLU,
    ReLU,
    Sigmoid,
    Tanh,
)
from resviz.nets.ops.pools import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d, Pool2d, PyramidPool2d, RegionPool2d
from resviz.nets.ops.weights import BatchNorm1d, BatchNorm2d, Conv2d, ConvTranspose2d, Linear

__all__ = [
    "AdaptiveAvgPool2d",
    "Add",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Concat",
    "Conv2d",
    "ConvTranspose2d",
    "Crop",
    "Dropout",
    "Flatten",
    "Fuse",
    "HighwaySum",
    "Input",
    "Join",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "MaxPool2d",
    "PReLU",
    "PadShortcut",
    "Pool2d",
    "PyramidPool2d",
    "ReLU",
    "RegionPool2d",
    "Sigmoid",
    "Tanh",
]
