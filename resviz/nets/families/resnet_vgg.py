"""The depth tables of the papers: each net a NetSpec, each family a function of what varies in it.

Table 1 and section 4.2 of "Deep Residual Learning" (arXiv 1512.03385); table 1 of "Very Deep Convolutional Networks"
(arXiv 1409.1556); "Identity Mappings" (arXiv 1603.05027); table 1 of "Aggregated Residual Transformations"
(arXiv 1611.05431); table 1 of "Wide Residual Networks" (arXiv 1605.07146); "Highway Networks" (arXiv 1505.00387);
"Bag of Tricks" (arXiv 1812.01187).
The defaults are the papers': shortcut option A for 18 and 34 layers, B from 50 up, a bottleneck's stride in its first
1x1.
"""

from __future__ import annotations

from resviz.nets.head_notation import Head
from resviz.nets.notation import Stage, Stem
from resviz.nets.spec import NetSpec

_IMAGENET_STEM = Stem.parse("7x7,64,/2; 3x3 max pool,/2")
VGG_HEAD = Head.parse("fc 4096; dropout 0.5; fc 4096; dropout 0.5")
_TORCHVISION_VGG_HEAD = Head.parse("average pool 7x7; " + str(VGG_HEAD))

BLOCKS = {  # depth: blocks in conv2_x to conv5_x
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),  # arXiv 1603.05027, section 5
}
_IMAGENET_WIDTHS = (64, 128, 256, 512)
IMAGENET_UNITS = {  # in a name: the unit, and how people write it
    "resnet": ("residual", "ResNet"),
    "plain": ("plain", "plain"),
    "preresnet": ("preactivation", "pre-activation ResNet"),
}
VGG = {  # depth: configuration, its five stages
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
CIFAR_UNITS = {  # in a name: the unit, and how people write it
    "resnet": ("residual", "ResNet"),
    "plain": ("plain", "plain"),
    "preresnet": ("preactivation", "pre-activation ResNet"),
    "highway": ("highway", "highway"),
}


def imagenet(unit: str, depth: int) -> NetSpec:
    """Return a net of table 1: basic blocks up to 34 layers, bottlenecks from 50 layers on."""
    kind, title = IMAGENET_UNITS[unit]
    bottleneck = depth >= 50
    cells = "1x1,{0}; 3x3,{0}; 1x1,{1}" if bottleneck else "3x3,{0}; 3x3,{0}"
    return NetSpec(
        name=f"{unit}{depth}",
        title=f"{title}-{depth}",
        stem=_IMAGENET_STEM,
        stages=_stages(cells, [(width, 4 * width) for width in _IMAGENET_WIDTHS], depth),
        unit=kind,
        shortcut="B" if bottleneck else "A",
    )


def resnext(depth: int, cardinality: int, width: int) -> NetSpec:
    """Return Xie et al. 2017's net (table 1): bottlenecks whose 3×3 convolution has `cardinality` groups.

    A group has `width` filters in conv2_x, and twice as many in each further stage. The shortcut option is B, with the
    stride in the 3×3 (section 4).
    """
    cells = f"1x1,{{0}}; 3x3,{{0}},C={cardinality}; 1x1,{{1}}"
    filters = [(cardinality * width * 2**stage, 4 * _IMAGENET_WIDTHS[stage]) for stage in range(4)]
    return imagenet("resnet", depth).with_options(
        name=f"resnext{depth}-{cardinality}x{width}d",
        title=f"ResNeXt-{depth} ({cardinality}×{width}d)",
        stages=_stages(cells, filters, depth),
        stride_in="3x3",
    )


def wide_resnet(depth: int, factor: int) -> NetSpec:
    """Return a wide ResNet for ImageNet, whose inner convolutions have `factor` times as many filters."""
    cells = "1x1,{0}; 3x3,{0}; 1x1,{1}"
    filters = [(factor * width, 4 * width) for width in _IMAGENET_WIDTHS]
    return imagenet("resnet", depth).with_options(
        name=f"wide-resnet{depth}-{factor}",
        title=f"Wide ResNet-{depth}-{factor}",
        stages=_stages(cells, filters, depth),
        stride_in="3x3",
    )


def cifar_wide_resnet(depth: int, factor: int) -> NetSpec:
    """Return Zagoruyko and Komodakis 2016's net (table 1): pre-activation units of 16k, 32k and 64k filters.

    Projections change dimensions. Dropout is left out. The depth is 6n+4, because the three projections count and the
    last layer does not.
    """
    repeats = (depth - 4) // 6
    return cifar("preresnet", 20).with_options(
        name=f"cifar-wrn{depth}-{factor}",
        title=f"WRN-{depth}-{factor}",
        stages=[f"[3x3,{factor * width}; 3x3,{factor * width}] x{repeats}" for width in (16, 32, 64)],
        shortcut="B",
    )


def cifar_bottleneck(unit: str, depth: int) -> NetSpec:
    """Return He et al. 2016's net of 9n+2 layers (section 5): bottlenecks of 16, 32 and 64 filters.

    A bottleneck's output has four times as many. Projections change dimensions.
    """
    repeats = (depth - 2) // 9
    title = CIFAR_UNITS[unit][1]
    return cifar(unit, 20).with_options(
        name=f"cifar-{unit}{depth}",
        title=f"{title}-{depth}",
        stages=[f"[1x1,{width}; 3x3,{width}; 1x1,{4 * width}] x{repeats}" for width in (16, 32, 64)],
        shortcut="B",
    )


def _stages(cells: str, filters: list[tuple[int, int]], depth: int) -> list[str]:
    """Return a stage for each pair of filters, its blocks as many as table 1 has them."""
    return [f"[{cells.format(*pair)}] x{repeats}" for pair, repeats in zip(filters, BLOCKS[depth], strict=True)]


def vgg(key: str, normalised: bool = False) -> NetSpec:
    """Return a configuration of table 1.

    `normalised` adds batch normalization after each convolution, as torchvision does.
    """
    configuration, stages = VGG[key]
    spec = NetSpec(
        name=f"vgg{key}",
        title=f"VGG-{key.rstrip('c')} ({configuration})",
        stages=[Stage.parse(stage) for stage in stages],
        shrink="pool",
        unit="plain",
        norm="none",
        bias=True,
        head=VGG_HEAD,
    )
    if not normalised:
        return spec
    return spec.with_options(name=f"vgg{key}-bn", title=f"{spec.title} with batch norm", norm="batch")


def torchvision(spec: NetSpec) -> NetSpec:
    """Return the paper's net as torchvision has it: projections everywhere they are needed, stride in the 3x3."""
    changes = {"head": _TORCHVISION_VGG_HEAD} if spec.shrink == "pool" else {"shortcut": "B", "stride_in": "3x3"}
    return spec.with_options(name=f"torchvision-{spec.name}", title=f"{spec.title}, torchvision", **changes)


def cifar(unit: str, depth: int) -> NetSpec:
    """Return a net of section 4.2: 6n+2 layers in three stages of 2n, on 32×32 images, with option A.

    The same table serves the units of later papers. Highway nets have biases and no normalization (arXiv 1505.00387).
    """
    kind, title = CIFAR_UNITS[unit]
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


def resnet_d(depth: int) -> NetSpec:
    """Return He, T. et al. 2019's ResNet-D ("Bag of Tricks", arXiv 1812.01187, section 4).

    It has three 3×3 convolutions instead of the 7×7 (C), the stride in the 3×3 (B), and an average pool before the
    projection (D).
    """
    return imagenet("resnet", depth).with_options(
        name=f"resnet{depth}-d",
        title=f"ResNet-{depth}-D",
        stem="3x3,32,/2; 3x3,32; 3x3,64; 3x3 max pool,/2",
        shortcut="D",
        stride_in="3x3",
    )


PLACEMENTS = {  # of "Identity Mappings", figure 4: what follows the name, how people say it, and the options
    "bn-after-add": ("BN after addition", {"norm_place": "addition"}),
    "relu-before-add": ("ReLU before addition", {"activation_place": "before"}),
    "relu-only": ("ReLU-only pre-activation", {"unit": "preactivation", "norm_place": "convolution"}),
}


def placement(spec: NetSpec, key: str) -> NetSpec:
    """Return a ResNet as figure 4b to 4d has it; 4a is the net itself, 4e the pre-activation one."""
    words, options = PLACEMENTS[key]
    return spec.with_options(name=f"{spec.name}-{key}", title=f"{spec.title}, {words}", **options)


def vgg_lrn() -> NetSpec:
    """Return configuration A-LRN: A with local response normalization after its first convolution."""
    spec = vgg("11")
    return spec.with_options(
        name="vgg11-lrn",
        title="VGG-11 (A-LRN)",
        stages=["[3x3,64] x1; LRN", *map(str, spec.stages[1:])],
    )
