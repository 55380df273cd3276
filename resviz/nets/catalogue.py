"""The nets that have a name: those of the papers, and torchvision's variants of them.

Table 1 and section 4.2 of "Deep Residual Learning" (arXiv 1512.03385); table 1 of "Very Deep Convolutional Networks"
(arXiv 1409.1556); and section 4.2's table with the units of "Identity Mappings" (arXiv 1603.05027) and "Highway
Networks" (arXiv 1505.00387). The defaults are the papers': shortcut option A for 18 and 34 layers, B from 50 up, a
bottleneck's stride in its first 1x1. A name that starts with "torchvision-" is the net that has weights there.
"""

from __future__ import annotations

import difflib
import re

from resviz.nets.errors import NetError
from resviz.nets.notation import Head, Stage, Stem
from resviz.nets.spec import NetSpec

_IMAGENET_STEM = Stem.parse("7x7,64,/2; 3x3 max pool,/2")
_VGG_HEAD = Head.parse("fc 4096; dropout 0.5; fc 4096; dropout 0.5")
_TORCHVISION_VGG_HEAD = Head.parse("average pool 7x7; " + str(_VGG_HEAD))

_BLOCKS = {  # depth: blocks in conv2_x to conv5_x
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
_VGG = {  # depth: configuration, its five stages
    "11": ("A", ("3x3,64", "3x3,128", "3x3,256; 3x3,256", "3x3,512; 3x3,512", "3x3,512; 3x3,512")),
    "13": ("B", ("3x3,64; 3x3,64", "3x3,128; 3x3,128", *[f"3x3,{n}; 3x3,{n}" for n in (256, 512, 512)])),
    "16c": (
        "C",
        ("3x3,64; 3x3,64", "3x3,128; 3x3,128", *[f"3x3,{n}; 3x3,{n}; 1x1,{n}" for n in (256, 512, 512)]),
    ),
    "16": (
        "D",
        ("3x3,64; 3x3,64", "3x3,128; 3x3,128", *["; ".join([f"3x3,{n}"] * 3) for n in (256, 512, 512)]),
    ),
    "19": (
        "E",
        ("3x3,64; 3x3,64", "3x3,128; 3x3,128", *["; ".join([f"3x3,{n}"] * 4) for n in (256, 512, 512)]),
    ),
}
CIFAR_DEPTHS = (20, 32, 44, 56, 110, 1202)
"""The depths that the paper trains (table 6); every 6n+2 from 20 to 1202 has a name here."""
_CIFAR_LEAST, _CIFAR_MOST = 20, 1202
_CIFAR = re.compile(r"cifar-(resnet|plain|preresnet|highway)(\d{1,6})", re.ASCII)
_PERCEPTRON = re.compile(r"mlp(\d{1,3})", re.ASCII)
_DEEPEST_PERCEPTRON = 200
_CIFAR_UNITS = {  # in a name: the unit, and how people write it
    "resnet": ("residual", "ResNet"),
    "plain": ("plain", "plain"),
    "preresnet": ("preactivation", "pre-activation ResNet"),
    "highway": ("highway", "highway"),
}


def _imagenet(unit: str, depth: int) -> NetSpec:
    bottleneck = depth >= 50
    cells = "1x1,{0}; 3x3,{0}; 1x1,{1}" if bottleneck else "3x3,{0}; 3x3,{0}"
    stages = [
        Stage.parse(f"[{cells.format(filters, 4 * filters)}] x{repeats}")
        for filters, repeats in zip((64, 128, 256, 512), _BLOCKS[depth], strict=True)
    ]
    return NetSpec(
        name=f"{'plain' if unit == 'plain' else 'resnet'}{depth}",
        title=f"{'plain' if unit == 'plain' else 'ResNet'}-{depth}",
        stem=_IMAGENET_STEM,
        stages=stages,
        unit=unit,
        shortcut="B" if bottleneck else "A",
    )


def _vgg(key: str) -> NetSpec:
    configuration, stages = _VGG[key]
    return NetSpec(
        name=f"vgg{key}",
        title=f"VGG-{key.rstrip('c')} ({configuration})",
        stages=[Stage.parse(stage) for stage in stages],
        shrink="pool",
        unit="plain",
        norm="none",
        bias=True,
        head=_VGG_HEAD,
    )


def _torchvision(spec: NetSpec) -> NetSpec:
    """The paper's net as torchvision has it: projections everywhere they are needed, stride in the 3x3."""
    changes = {"head": _TORCHVISION_VGG_HEAD} if spec.shrink == "pool" else {"shortcut": "B", "stride_in": "3x3"}
    return spec.with_options(name=f"torchvision-{spec.name}", title=f"{spec.title}, torchvision", **changes)


def _cifar(unit: str, depth: int) -> NetSpec:
    """Section 4.2: 6n+2 layers in three stages of 2n, on 32x32 images; option A everywhere.

    The same table with the units of later papers; highway nets have biases and no normalisation (arXiv 1505.00387).
    """
    kind, title = _CIFAR_UNITS[unit]
    highway = {"norm": "none", "bias": True} if kind == "highway" else {}
    repeats = (depth - 2) // 6
    return NetSpec(
        name=f"cifar-{unit}{depth}",
        title=f"{title}-{depth}",
        input="3x32x32",
        classes=10,
        stem="3x3,16",
        stages=[f"[3x3,{filters}; 3x3,{filters}] x{repeats}" for filters in (16, 32, 64)],
        unit=kind,
        **highway,
    )


def _perceptron(depth: int) -> NetSpec:
    """Glorot and Bengio 2010, section 2.3: hidden layers of 1000 units, and a softmax on top; here with the sigmoid."""
    return NetSpec(
        name=f"mlp{depth}",
        title=f"{depth}-layer perceptron",
        input="1x16x16",
        classes=10,
        stages=[],
        shrink="pool",
        unit="plain",
        norm="none",
        activation="sigmoid",
        head="; ".join(["fc 1000"] * (depth - 1)),
    )


_NAMED = {
    spec.name: spec
    for spec in (
        *(_imagenet("residual", depth) for depth in _BLOCKS),
        *(_imagenet("plain", depth) for depth in (18, 34)),
        *(_vgg(key) for key in _VGG),
    )
}
_NAMED |= {
    spec.name: spec
    for spec in map(_torchvision, [_NAMED[name] for name in _NAMED if name[:3] in ("res", "vgg") and name != "vgg16c"])
}


def names() -> tuple[str, ...]:
    """Every fixed name, and of the CIFAR nets those that the paper trains."""
    cifar = [f"cifar-{unit}{depth}" for unit in ("resnet", "plain") for depth in CIFAR_DEPTHS]
    others = ("cifar-preresnet20", "cifar-preresnet110", "cifar-highway20", "cifar-highway32", "mlp5")
    return (*_NAMED, *cifar, *others)


def find(name: str) -> NetSpec:
    """The spec of this name. Raises NetError, with the nearest names, where there is none."""
    if name in _NAMED:
        return _NAMED[name]
    match = _CIFAR.fullmatch(name)
    if match:
        depth = int(match[2])
        if depth % 6 == 2 and _CIFAR_LEAST <= depth <= _CIFAR_MOST:
            return _cifar(match[1], depth)
        raise NetError(f"{name}: {_why_no_depth(depth)}")
    perceptron = _PERCEPTRON.fullmatch(name)
    if perceptron:
        if 1 <= int(perceptron[1]) <= _DEEPEST_PERCEPTRON:
            return _perceptron(int(perceptron[1]))
        raise NetError(f"{name}: {perceptron[1]} layers; 1 to {_DEEPEST_PERCEPTRON} will do")
    near = difflib.get_close_matches(name, names(), 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "known are " + ", ".join(names())
    raise NetError(f"no net named {name[:80]!r}; {hint}")


def _why_no_depth(depth: int) -> str:
    if depth < _CIFAR_LEAST or depth > _CIFAR_MOST:
        return f"depth {depth} is out of range; 6n+2 from {_CIFAR_LEAST} to {_CIFAR_MOST} will do"
    below = depth - (depth - 2) % 6
    return f"depth {depth} is not 6n+2; {below} or {below + 6} will do"
