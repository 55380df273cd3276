"""Published nets other than ResNet and VGG, as depth tables.

LeNet-5, AlexNet, ZFNet, GoogLeNet, PReLU-net, FractalNet, fully convolutional nets and perceptrons. LeCun et al. 1998;
Krizhevsky et al. 2012; Zeiler and Fergus 2014; "Going Deeper with Convolutions" (arXiv 1409.4842); "Delving Deep into
Rectifiers" (arXiv 1502.01852); "FractalNet" (arXiv 1605.07648); "Fully Convolutional Networks for Semantic
Segmentation" (arXiv 1411.4038); Glorot and Bengio 2010.
"""

from __future__ import annotations

from resviz.nets.families.resnet_vgg import VGG_HEAD
from resviz.nets.head_notation import Drop, Hidden
from resviz.nets.spec import NetSpec


def lenet() -> NetSpec:
    """Return LeNet-5 as it is taught (LeCun et al. 1998, section II.B).

    C3 reads every map of S2, and S2 and S4 learn nothing.
    """
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
    """Return Krizhevsky et al. 2012's net in one tower, as CS231n simplifies it.

    With `groups=2` the second, fourth and fifth convolution have the original's two groups, which ran on two GPUs.
    """
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
        head=VGG_HEAD,
    )


def zfnet() -> NetSpec:
    """Return ZFNet (Zeiler and Fergus 2014, figure 3).

    AlexNet with a first 7×7 at stride 2, and stride 2 in the second.
    """
    pool = "3x3 max pool,/2"
    parts = (
        f"7x7,96,/2,pad 1; {pool}; LRN",
        f"5x5,256,/2,pad 0; {pool}; LRN",
        f"3x3,384; 3x3,384; 3x3,256; {pool},pad 0",
    )
    return alexnet().with_options(name="zfnet", title="ZFNet", input="3x224x224", stem="; ".join(parts))


def inception(one: int, three: tuple[int, int], five: tuple[int, int], pooled: int, kernel: int = 5) -> str:
    """Return an Inception module with dimension reduction, from a row of GoogLeNet's table 1.

    The numbers are #1×1, #3×3 reduce and #3×3, #5×5 reduce and #5×5, pool proj.
    """
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
    """Return GoogLeNet for 224×224 (Szegedy et al. 2015, table 1).

    With `auxiliary` it has two classifiers more, on the outputs of 4a and 4d.
    """
    pool = "3x3 max pool,/2,ceil"
    rows = [[inception(*numbers) for numbers in stage] for stage in GOOGLENET]
    if auxiliary:
        rows[1] = [rows[1][0], "aux", *rows[1][1:4], "aux", rows[1][4]]
    return NetSpec(
        name="googlenet-aux" if auxiliary else "googlenet",
        title="GoogLeNet + aux" if auxiliary else "GoogLeNet",
        stem=f"7x7,64,/2; {pool}; LRN; 1x1,64; 3x3,192; LRN; {pool}",
        stages=["; ".join([*rows[0], pool]), "; ".join([*rows[1], pool]), "; ".join(rows[2])],
        shrink="none",
        unit="plain",
        norm="none",
        bias=True,
        head="average pool; dropout 0.4",
    )


def torchvision_googlenet(auxiliary: bool = False) -> NetSpec:
    """Return torchvision's GoogLeNet: batch normalization, 3×3 instead of 5×5, and 2×2 for the last pool."""
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
    """Return torchvision's AlexNet (Krizhevsky 2014, arXiv 1404.5997): 64 filters first, and no LRN."""
    pool = "3x3 max pool,/2,pad 0"
    return alexnet().with_options(
        name="torchvision-alexnet",
        title="AlexNet, torchvision",
        input="3x224x224",
        stem=f"11x11,64,/4,pad 2; {pool}; 5x5,192; {pool}; 3x3,384; 3x3,256; 3x3,256; {pool}",
        head="average pool 6x6; dropout 0.5; fc 4096; dropout 0.5; fc 4096",
    )


def fractalnet(depth: int) -> NetSpec:
    """Return Larsson et al. 2017's net for CIFAR (section 4): five fractal blocks, each with a max pool after it.

    `depth` is the number of convolutions on the longest path.
    """
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
    """Return PReLU-net (He et al. 2015, table 3): 7×7 at stride 2, three stages of 3×3, and a spatial pyramid."""
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
    """Return an FCN (Long et al. 2015): scores for 20 classes and the background at each place of a PASCAL image."""
    hidden = [str(part) for part in spec.head.parts if isinstance(part, Hidden | Drop)]
    return spec.with_options(
        name=f"fcn{stride}s-{spec.name}",
        title=f"FCN-{stride}s, {spec.title}",
        input="3x512x512",
        classes=21,
        head="; ".join([*hidden, f"FCN-{stride}s"]),
    )


def faster_rcnn(spec: NetSpec) -> NetSpec:
    """Return Faster R-CNN (Ren et al. 2015) on a shared net, for images with a shorter side of 600 and 20 classes."""
    return spec.with_options(
        name=f"faster-rcnn-{spec.name}",
        title=f"Faster R-CNN, {spec.title}",
        input="3x600x1000",
        classes=21,
        head="Faster R-CNN",
    )


def highway_perceptron(depth: int) -> NetSpec:
    """Return a fully connected highway net: a plain layer, then layers of 50 units (Srivastava et al. 2015, 3.1)."""
    return perceptron(depth).with_options(
        name=f"highway-mlp{depth}",
        title=f"{depth}-layer fully connected highway",
        input="1x28x28",
        unit="highway",
        activation="relu",
        head="; ".join(["fc 50"] * (depth - 1)),
    )


def perceptron(depth: int) -> NetSpec:
    """Return a perceptron with hidden layers of 1000 sigmoid units (Glorot and Bengio 2010, section 2.3)."""
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
