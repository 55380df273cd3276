"""The depth tables of the papers: each net a NetSpec, each family a function of what varies in it.

Table 1 and section 4.2 of "Deep Residual Learning" (arXiv 1512.03385); table 1 of "Very Deep Convolutional Networks"
(arXiv 1409.1556); "Identity Mappings" (arXiv 1603.05027); table 1 of "Aggregated Residual Transformations"
(arXiv 1611.05431); table 1 of "Wide Residual Networks" (arXiv 1605.07146); "Highway Networks" (arXiv 1505.00387).
The defaults are the papers': shortcut option A for 18 and 34 layers, B from 50 up, a bottleneck's stride in its first
1x1.
"""

from __future__ import annotations

from resviz.nets.notation import Head, Stage, Stem
from resviz.nets.spec import NetSpec

_IMAGENET_STEM = Stem.parse("7x7,64,/2; 3x3 max pool,/2")
_VGG_HEAD = Head.parse("fc 4096; dropout 0.5; fc 4096; dropout 0.5")
_TORCHVISION_VGG_HEAD = Head.parse("average pool 7x7; " + str(_VGG_HEAD))

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
    """Table 1: basic blocks up to 34 layers, bottlenecks from 50 up."""
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
    """Xie et al. 2017, table 1: bottlenecks whose 3x3 is in `cardinality` groups, of `width` filters each in conv2_x
    and twice as many in each further stage; shortcut B, stride in the 3x3 (section 4)."""
    cells = f"1x1,{{0}}; 3x3,{{0}},C={cardinality}; 1x1,{{1}}"
    filters = [(cardinality * width * 2**stage, 4 * _IMAGENET_WIDTHS[stage]) for stage in range(4)]
    return imagenet("resnet", depth).with_options(
        name=f"resnext{depth}-{cardinality}x{width}d",
        title=f"ResNeXt-{depth} ({cardinality}×{width}d)",
        stages=_stages(cells, filters, depth),
        stride_in="3x3",
    )


def wide_resnet(depth: int, factor: int) -> NetSpec:
    """Zagoruyko and Komodakis 2016 on ImageNet: bottlenecks whose inner convolutions are `factor` times as wide."""
    cells = "1x1,{0}; 3x3,{0}; 1x1,{1}"
    filters = [(factor * width, 4 * width) for width in _IMAGENET_WIDTHS]
    return imagenet("resnet", depth).with_options(
        name=f"wide-resnet{depth}-{factor}",
        title=f"Wide ResNet-{depth}-{factor}",
        stages=_stages(cells, filters, depth),
        stride_in="3x3",
    )


def cifar_wide_resnet(depth: int, factor: int) -> NetSpec:
    """Zagoruyko and Komodakis 2016, table 1: pre-activation units of 16k, 32k and 64k filters, projections where
    dimensions change; here without dropout. Its depth is 6n+4: the three projections count, the last layer does not."""
    repeats = (depth - 4) // 6
    return cifar("preresnet", 20).with_options(
        name=f"cifar-wrn{depth}-{factor}",
        title=f"WRN-{depth}-{factor}",
        stages=[f"[3x3,{factor * width}; 3x3,{factor * width}] x{repeats}" for width in (16, 32, 64)],
        shortcut="B",
    )


def cifar_bottleneck(unit: str, depth: int) -> NetSpec:
    """He et al. 2016, section 5: 9n+2 layers, bottlenecks of 16, 32 and 64 filters that end in four times as many,
    projections where dimensions change."""
    repeats = (depth - 2) // 9
    title = CIFAR_UNITS[unit][1]
    return cifar(unit, 20).with_options(
        name=f"cifar-{unit}{depth}",
        title=f"{title}-{depth}",
        stages=[f"[1x1,{width}; 3x3,{width}; 1x1,{4 * width}] x{repeats}" for width in (16, 32, 64)],
        shortcut="B",
    )


def _stages(cells: str, filters: list[tuple[int, int]], depth: int) -> list[str]:
    """A stage for each pair of filters, its blocks as many as table 1 has them."""
    return [f"[{cells.format(*pair)}] x{repeats}" for pair, repeats in zip(filters, BLOCKS[depth], strict=True)]


def vgg(key: str, normalised: bool = False) -> NetSpec:
    """A configuration of table 1; `normalised` has batch normalisation behind each convolution, as torchvision's."""
    configuration, stages = VGG[key]
    spec = NetSpec(
        name=f"vgg{key}",
        title=f"VGG-{key.rstrip('c')} ({configuration})",
        stages=[Stage.parse(stage) for stage in stages],
        shrink="pool",
        unit="plain",
        norm="none",
        bias=True,
        head=_VGG_HEAD,
    )
    if not normalised:
        return spec
    return spec.with_options(name=f"vgg{key}-bn", title=f"{spec.title} with batch norm", norm="batch")


def torchvision(spec: NetSpec) -> NetSpec:
    """The paper's net as torchvision has it: projections everywhere they are needed, stride in the 3x3."""
    changes = {"head": _TORCHVISION_VGG_HEAD} if spec.shrink == "pool" else {"shortcut": "B", "stride_in": "3x3"}
    return spec.with_options(name=f"torchvision-{spec.name}", title=f"{spec.title}, torchvision", **changes)


def cifar(unit: str, depth: int) -> NetSpec:
    """Section 4.2: 6n+2 layers in three stages of 2n, on 32x32 images; option A everywhere.

    The same table with the units of later papers; highway nets have biases and no normalisation (arXiv 1505.00387).
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


def lenet() -> NetSpec:
    """LeCun et al. 1998, section II.B, as it is taught: C3 reads every map of S2, and S2 and S4 learn nothing."""
    return NetSpec(
        name="lenet5",
        title="LeNet-5",
        input="1x32x32",
        classes=10,
        stem="5x5,6,pad 0; 2x2 average pool,/2; 5x5,16,pad 0; 2x2 average pool,/2; 5x5,120,pad 0",
        stages=[],
        unit="plain",
        norm="none",
        activation="tanh",
        bias=True,
        head="fc 84",
    )


def alexnet(groups: int = 1) -> NetSpec:
    """Krizhevsky et al. 2012 in one tower, as CS231n simplifies it; with the original's two groups, which stood on two
    GPUs, in the second, fourth and fifth convolution."""
    pool, half = "3x3 max pool,/2,pad 0", f",C={groups}" if groups > 1 else ""
    stem = f"11x11,96,/4,pad 0; {pool}; LRN; 5x5,256{half}; {pool}; LRN; 3x3,384; 3x3,384{half}; 3x3,256{half}; {pool}"
    return NetSpec(
        name="alexnet" + (f"-{groups}groups" if groups > 1 else ""),
        title="AlexNet" + (f", {groups} groups" if groups > 1 else ""),
        input="3x227x227",
        stem=stem,
        stages=[],
        unit="plain",
        norm="none",
        bias=True,
        head=_VGG_HEAD,
    )


def zfnet() -> NetSpec:
    """Zeiler and Fergus 2014, figure 3: AlexNet with 7x7 at stride 2 first, and stride 2 in the second convolution."""
    pool = "3x3 max pool,/2"
    parts = (
        f"7x7,96,/2,pad 1; {pool}; LRN",
        f"5x5,256,/2,pad 0; {pool}; LRN",
        f"3x3,384; 3x3,384; 3x3,256; {pool},pad 0",
    )
    return alexnet().with_options(name="zfnet", title="ZFNet", input="3x224x224", stem="; ".join(parts))


def vgg_lrn() -> NetSpec:
    """Configuration A-LRN: A with local response normalisation behind its first convolution."""
    spec = vgg("11")
    return spec.with_options(
        name="vgg11-lrn",
        title="VGG-11 (A-LRN)",
        stem="3x3,64; LRN; 2x2 max pool,/2",
        stages=[str(stage) for stage in spec.stages[1:]],
    )


def perceptron(depth: int) -> NetSpec:
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
