"""The depth tables of the papers: each net a NetSpec, each family a function of what varies in it.

Table 1 and section 4.2 of "Deep Residual Learning" (arXiv 1512.03385); table 1 of "Very Deep Convolutional Networks"
(arXiv 1409.1556); "Identity Mappings" (arXiv 1603.05027); table 1 of "Aggregated Residual Transformations"
(arXiv 1611.05431); table 1 of "Wide Residual Networks" (arXiv 1605.07146); "Highway Networks" (arXiv 1505.00387);
table 1 of "Going Deeper with Convolutions" (arXiv 1409.4842); "FractalNet" (arXiv 1605.07648); table 3 of "Delving Deep
into Rectifiers" (arXiv 1502.01852).
The defaults are the papers': shortcut option A for 18 and 34 layers, B from 50 up, a bottleneck's stride in its first
1x1.
"""

from __future__ import annotations

from resviz.nets.heads import Drop, Head, Hidden
from resviz.nets.notation import Stage, Stem
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


def inception(one: int, three: tuple[int, int], five: tuple[int, int], pooled: int, kernel: int = 5) -> str:
    """A module with dimension reduction as a row of GoogLeNet's table 1 gives it: #1×1, #3×3 reduce and #3×3, #5×5
    reduce and #5×5, pool proj."""
    branches = (
        f"1x1,{one}",
        f"1x1,{three[0]}; 3x3,{three[1]}",
        f"1x1,{five[0]}; {kernel}x{kernel},{five[1]}",
        f"3x3 max pool; 1x1,{pooled}",
    )
    return f"[{' | '.join(branches)}] x1"


GOOGLENET = (  # Szegedy et al. 2015, table 1: inception (3a) and (3b), (4a) to (4e), (5a) and (5b)
    ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
    (
        (192, (96, 208), (16, 48), 64),
        (160, (112, 224), (24, 64), 64),
        (128, (128, 256), (24, 64), 64),
        (112, (144, 288), (32, 64), 64),
        (256, (160, 320), (32, 128), 128),
    ),
    ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
)


def googlenet(auxiliary: bool = False) -> NetSpec:
    """Szegedy et al. 2015, table 1, on 224×224; with `auxiliary` its two classifiers, on what (4a) and (4d) give."""
    pool = "3x3 max pool,/2,ceil"
    rows = [[inception(*numbers) for numbers in stage] for stage in GOOGLENET]
    if auxiliary:
        rows[1] = [rows[1][0], "aux", *rows[1][1:4], "aux", rows[1][4]]
    return NetSpec(
        name="googlenet-aux" if auxiliary else "googlenet",
        title="GoogLeNet with auxiliary heads" if auxiliary else "GoogLeNet",
        stem=f"7x7,64,/2; {pool}; LRN; 1x1,64; 3x3,192; LRN; {pool}",
        stages=["; ".join([*rows[0], pool]), "; ".join([*rows[1], pool]), "; ".join(rows[2])],
        shrink="none",
        unit="plain",
        norm="none",
        bias=True,
        head="average pool; dropout 0.4",
    )


def torchvision_googlenet(auxiliary: bool = False) -> NetSpec:
    """Batch normalisation instead of biases and LRN, 3×3 in the place of 5×5, 2×2 for the last pool."""
    spec = googlenet(auxiliary)
    stages = [str(stage).replace("5x5", "3x3") for stage in spec.stages]
    stages[1] = stages[1].replace("3x3 max pool,/2,ceil", "2x2 max pool,/2,ceil")
    return spec.with_options(
        name=f"torchvision-{spec.name}",
        title=f"{spec.title}, torchvision",
        stem=str(spec.stem).replace("LRN; ", ""),
        stages=stages,
        norm="batch",
        norm_eps=1e-3,
        bias=False,
        head="average pool; dropout 0.2",
    )


def torchvision_alexnet() -> NetSpec:
    """Krizhevsky 2014, "One weird trick" (arXiv 1404.5997): 64 filters first, no LRN, dropout before each hidden fc."""
    pool = "3x3 max pool,/2,pad 0"
    return alexnet().with_options(
        name="torchvision-alexnet",
        title="AlexNet, torchvision",
        input="3x224x224",
        stem=f"11x11,64,/4,pad 2; {pool}; 5x5,192; {pool}; 3x3,384; 3x3,256; 3x3,256; {pool}",
        head="average pool 6x6; dropout 0.5; fc 4096; dropout 0.5; fc 4096",
    )


def resnet_d(depth: int) -> NetSpec:
    """He, T. et al. 2019, "Bag of Tricks" (arXiv 1812.01187), section 4: three 3×3 for the 7×7 (C), stride in the 3×3
    (B), and an average pool before the projection (D)."""
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
    """A ResNet as figure 4b to 4d has it; 4a is the net itself, 4e the pre-activation one."""
    words, options = PLACEMENTS[key]
    return spec.with_options(name=f"{spec.name}-{key}", title=f"{spec.title}, {words}", **options)


def fractalnet(depth: int) -> NetSpec:
    """Larsson et al. 2017, section 4, on CIFAR: five blocks of fractals, a max pool behind each; `depth` convolutions
    on its longest path."""
    widths = (64, 128, 256, 512, 512)
    return NetSpec(
        name=f"cifar-fractalnet{depth}",
        title=f"FractalNet-{depth}",
        input="3x32x32",
        classes=10,
        stages=[f"[3x3,{width}] x1" for width in widths],
        shrink="pool",
        unit="fractal",
        columns=(depth // len(widths)).bit_length(),
    )


PRELU = {"a": (5, (256, 512, 512)), "b": (6, (256, 512, 512)), "c": (6, (384, 768, 896))}
"""Models A, B and C of table 3: convolutions in each stage, and their filters."""


def prelu_net(model: str) -> NetSpec:
    """He et al. 2015, table 3: 7×7 at stride 2, three stages of 3×3, a spatial pyramid, one slope a channel."""
    repeats, widths = PRELU[model]
    return NetSpec(
        name=f"prelu-net-{model}",
        title=f"PReLU-net, model {model.upper()}",
        stem="7x7,96,/2; 2x2 max pool,/2",
        stages=[
            f"[3x3,{width}] x{repeats}" + ("; 2x2 max pool,/2" if index < 2 else "")
            for index, width in enumerate(widths)
        ],
        shrink="none",
        unit="plain",
        norm="none",
        activation="prelu",
        bias=True,
        head="pyramid pool 7,3,2,1; fc 4096; dropout 0.5; fc 4096; dropout 0.5",
    )


def fully_convolutional(spec: NetSpec, stride: int) -> NetSpec:
    """Long et al. 2015: scores for 20 classes and the background at each place, on PASCAL VOC's images."""
    hidden = [str(part) for part in spec.head.parts if isinstance(part, Hidden | Drop)]
    return spec.with_options(
        name=f"fcn{stride}s-{spec.name}",
        title=f"FCN-{stride}s, {spec.title}",
        input="3x512x512",
        classes=21,
        head="; ".join([*hidden, f"FCN-{stride}s"]),
    )


def vgg_lrn() -> NetSpec:
    """Configuration A-LRN: A with local response normalisation behind its first convolution."""
    spec = vgg("11")
    return spec.with_options(
        name="vgg11-lrn",
        title="VGG-11 (A-LRN)",
        stages=["[3x3,64] x1; LRN", *map(str, spec.stages[1:])],
    )


def highway_perceptron(depth: int) -> NetSpec:
    """Srivastava et al. 2015, section 3.1: a plain fully connected layer, then highway layers of 50 units."""
    return perceptron(depth).with_options(
        name=f"highway-mlp{depth}",
        title=f"{depth}-layer fully connected highway",
        input="1x28x28",
        unit="highway",
        activation="relu",
        head="; ".join(["fc 50"] * (depth - 1)),
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
