"""Figures of the nets before and beside ResNet, of lectures' small sums, and of their slips."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from resviz.analysis.claims.facts import facts
from resviz.analysis.claims.reasons import reason, ways_to_count_parameters
from resviz.analysis.claims.verdicts import CheckedClaim, counts, graph, measured, number, text
from resviz.analysis.counts import count, short
from resviz.analysis.illustrations import SIGMOID_STEEPEST
from resviz.base.translation import _, ngettext
from resviz.nets import catalogue
from resviz.nets.blocks.inception import alone
from resviz.nets.notation import Stage, parse_shape
from resviz.nets.op import format_shape
from resviz.nets.ops import Conv2d, Linear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resviz.nets.graph import Graph

LECTURE_9 = "CS231n 2017, lecture 9"
LAB_2 = "Lab 2: Deep Residual Learning"
GOOGLENET_PAPER = "Szegedy et al. 2015, arXiv 1409.4842"
LENET_PAPER = "LeCun et al. 1998"
ZFNET_PAPER = "Zeiler and Fergus 2014, arXiv 1311.2901"
RESNEXT_PAPER = "Xie et al. 2017, arXiv 1611.05431"
DETECTION_PAPER = "Ren et al. 2015, arXiv 1506.01497"
FRACTALNET_PAPER = "Larsson et al. 2016, arXiv 1605.07648, first version"
IDENTITY_PAPER = "He et al. 2016, arXiv 1603.05027"


def classics() -> Iterator[CheckedClaim]:
    """Check LeNet-5, AlexNet, ZFNet, ResNeXt and the pre-activation nets."""
    yield from _shapes("lenet5", LENET_PAPER, facts("classics")["lenet"]["shapes"], ("conv", "average pool", "fc"))
    kinds = ("conv", "max pool", "local response norm", "fc")
    yield from _shapes("alexnet", LECTURE_9, facts("classics")["alexnet"]["shapes"], kinds)
    alexnet, zfnet, resnext = (facts("classics")[net] for net in ("alexnet", "zfnet", "resnext"))
    what = _("weight layers of {net}").format(net="AlexNet")
    yield number("alexnet-layers", LECTURE_9, what, alexnet["weight_layers"], len(graph("alexnet").weight_layers))
    dropout = {layer.op.p for layer in graph("alexnet").layers if layer.op.kind == "dropout"}  # type: ignore[attr-defined]
    what = _("dropout of {net}").format(net="AlexNet")
    yield number("alexnet-dropout", LECTURE_9, what, alexnet["recipe"]["dropout"], Decimal(max(dropout)))
    for (id, models), error in zip((("one", 1), ("seven", 7)), alexnet["top5_error_one_and_seven"], strict=True):
        what = ngettext(
            "top-5 error of {net}, {count} model, %", "top-5 error of {net}, {count} models together, %", models
        ).format(net="AlexNet", count=models)
        yield measured(f"alexnet-top5-{id}", LECTURE_9, what, error, _("test set"))
    drawn = [layer.op.label() for layer in graph("zfnet").layers if layer.op.kind == "conv"]
    for index, label in enumerate(zfnet["convolutions"]):
        what = _("convolution {number} of {net}").format(number=index + 1, net="ZFNet")
        yield text(f"zfnet-conv{index + 1}", ZFNET_PAPER, what, label, drawn[index])
    of = _("several nets together, test set")
    yield measured("zfnet-top5", LECTURE_9, _top5_error("ZFNet (ILSVRC 2013)"), zfnet["top5_error"], of)
    of = _("seven nets together, test set; the 9.33 of VGG-16 is of one net, 10-crop, on the validation set")
    for name, error in facts("vgg")["memory_and_params"][0]["top5_error"].items():
        yield measured(f"vgg-top5-{name.split()[0].lower()}", LECTURE_9, _top5_error(name), error, of)
    for depth in resnext["depths"]:
        net = f"resnext{depth}-{resnext['cardinality']}x{resnext['width']}d"
        grouped = next(op for layer in graph(net).layers if isinstance(op := layer.op, Conv2d) and op.groups > 1)
        what = _("cardinality × width of the first block of {net}").format(net=f"ResNeXt-{depth}")
        printed = f"{resnext['cardinality']}×{resnext['width']}"
        yield text(
            f"resnext{depth}-groups",
            RESNEXT_PAPER,
            what,
            printed,
            f"{grouped.groups}×{grouped.in_channels // grouped.groups}",
        )
        what = _("layers of {net}").format(net=f"ResNeXt-{depth}")
        yield number(f"resnext{depth}-layers", RESNEXT_PAPER, what, depth, graph(net).depth)
    error = facts("classics")["fractalnet"]["cifar100_error"]
    yield measured("fractalnet-error", FRACTALNET_PAPER, _("error of FractalNet on CIFAR-100, %"), error)
    for depth in facts("classics")["preactivation"]["bottleneck_depths"]:
        what = _("layers of {net}").format(net=f"pre-activation ResNet-{depth}")
        found = graph(f"cifar-preresnet{depth}").depth
        yield number(f"preactivation-{depth}-layers", IDENTITY_PAPER, what, depth, found)


def _top5_error(net: str) -> str:
    return _("top-5 error of {net}, %").format(net=net)


def detection() -> Iterator[CheckedClaim]:
    """Return the detector that ResNet-101 is the shared part of."""
    printed, net = facts("classics")["detection"], graph("faster-rcnn-resnet101")
    source = f"{DETECTION_PAPER}; arXiv 1512.03385, appendix A"
    for key, layer, what in (
        ("proposal_filters", "rpn.conv", _("filters of the proposal network")),
        ("scores", "rpn.cls_logits", _("scores of a place of the proposal network, 2k")),
        ("coordinates", "rpn.bbox_pred", _("coordinates of a place of the proposal network, 4k")),
    ):
        yield number(f"detection-{key}", source, what, printed[key], net[layer].shape[0])
    side = format_shape(net["roi_pool"].shape[1:])
    yield text("detection-region", source, _("size of a pooled region"), printed["region"].replace("x", "×"), side)


def _shapes(net: str, source: str, printed: list[list[str]], kinds: tuple[str, ...]) -> Iterator[CheckedClaim]:
    drawn = [layer for layer in graph(net).layers if layer.op.kind in kinds]
    for layer, (label, shape, _note) in zip(drawn, printed, strict=True):
        sides = layer.shape if len(layer.shape) == 1 else (*layer.shape[1:], layer.shape[0])
        key = label.lower().replace(" ", "-")
        what = _("output of layer {layer} of {net}").format(layer=label, net=catalogue.find(net).label)
        yield text(f"{net}-{key}", source, what, shape.replace("x", "×"), format_shape(sides))


def googlenet() -> Iterator[CheckedClaim]:
    """Return its depth and its modules, the naive one and the one with dimension reduction."""
    printed = facts("classics")["googlenet"]
    source = f"{GOOGLENET_PAPER}, section 5"
    what = _("layers of {net}").format(net="GoogLeNet")
    yield number("googlenet-depth", source, what, printed["layers_with_weights_deep"], graph("googlenet").depth)
    heads = len(graph("googlenet-aux").outputs) - 1
    what = _("auxiliary classifiers of {net}").format(net="GoogLeNet")
    yield number("googlenet-auxiliary", source, what, printed["auxiliary_classifiers"], heads)
    of = _(
        "seven nets together, 144 crops, test set; the 9.15 of GoogLeNet is of one net, 10 crops, on the validation set"
    )
    yield measured("googlenet-top5", LECTURE_9, _top5_error("GoogLeNet (ILSVRC 2014)"), printed["top5_error"], of)
    yield _times_fewer_than_alexnet(printed["times_fewer_than_alexnet"])
    what = _("fully connected layers of {net} besides the one to the classes").format(net="ResNet-152")
    dense = [layer for layer in graph("resnet152").layers if layer.op.kind == "fc"]
    yield number("resnet152-fc", LECTURE_9, what, 0, len(dense) - 1)
    example = facts("classics")["inception_example"]
    for kind in ("naive", "reduced"):
        module = inception_example(kind)
        height, width, channels = parse_shape(example[kind]["output"])
        printed_shape, shape = format_shape((channels, height, width)), format_shape(module.output.shape)
        what = _("output of the {kind} Inception module").format(kind=kind)
        yield text(f"inception-{kind}-output", LECTURE_9, what, printed_shape, shape)
        total, claimed = count(module).flops, example[kind]["ops"]
        what = _("multiply-adds of the {kind} Inception module").format(kind=kind)
        yield number(f"inception-{kind}-ops", LECTURE_9, what, claimed, total, _counted_twice(module, claimed))


def _times_fewer_than_alexnet(printed: int) -> CheckedClaim:
    alexnet, googlenet = counts("alexnet-2groups"), counts("googlenet")
    bare = [sum(row.parameters for row in net.rows if row.layer.op.kind != "fc") for net in (alexnet, googlenet)]
    tried = {
        _("AlexNet without its groups:"): Decimal(counts("alexnet").parameters) / googlenet.parameters,
        _("GoogLeNet without its fully connected layer:"): Decimal(alexnet.parameters) / bare[1],
        _("both without their fully connected layers:"): Decimal(bare[0]) / bare[1],
    }
    why = reason(printed, tried, lambda times: f"{times:.1f}")
    what = _("AlexNet's parameters, divided by GoogLeNet's")
    found = Decimal(alexnet.parameters) / googlenet.parameters
    return number("googlenet-12-times", f"{GOOGLENET_PAPER}, section 1", what, printed, found, why)


def inception_example(kind: str) -> Graph:
    """Return the lecture's "naive" or "reduced" module. Its input are 28×28 maps of 256 channels."""
    branches = [
        branch.replace(">", ";").replace("pool", "max pool")
        for branch in facts("classics")["inception_example"][kind]["branches"]
    ]
    (block,) = Stage.parse(f"[{' | '.join(branches)}] x1").blocks
    return alone(block, (256, 28, 28), f"{kind} Inception module")


def _counted_twice(module: Graph, printed: Decimal) -> str:
    """Return which of a module's convolutions the printed sum has twice, if that is what makes the difference."""
    found = count(module)
    for row in found.rows:
        doubled = number("", "", "", printed, found.flops + row.flops)
        if row.flops and doubled.verdict == "agrees":
            return _(
                "the multiply-adds of its {count} layers add up to {sum}; the printed sum has those of the {layer}, "
                "{part}, twice"
            ).format(
                count=sum(bool(other.flops) for other in found.rows),
                sum=short(found.flops),
                layer=row.layer.op.label(),
                part=short(row.flops),
            )
    return ""


def lessons() -> Iterator[CheckedClaim]:
    """Check the numbers of the lessons: weights of two kinds of layer, slopes, products of gradients."""
    lesson = facts("lessons")["fc_against_conv"]
    fc, conv = lesson["fc"], lesson["conv"]
    for id, what, printed, op in (
        ("fc", _("weights of a fully connected layer, 32×32×3 to as many"), fc["weights"], Linear(fc["in"], fc["out"])),
        ("conv", _("weights of a convolution, 32×32×3 to as many"), conv["weights"], _convolution(conv)),
    ):
        learned = sum(term.value for term in op.parameter_terms() if term.what == "weights")
        yield number(f"lesson-{id}", LAB_2, what, printed, learned)
    steepest = Decimal(str(SIGMOID_STEEPEST))
    printed = facts("lessons")["gradient_chain"]["sigmoid_derivative_max"]
    yield number("lesson-sigmoid", LAB_2, _("largest derivative of the sigmoid"), printed, steepest)


def _convolution(conv: dict[str, int]) -> Conv2d:
    return Conv2d(conv["in_channels"], conv["out_channels"], conv["kernel"], padding=conv["padding"])


def slips() -> Iterator[CheckedClaim]:
    """Return what lectures print otherwise than their papers."""
    for slip in facts("lectures")["slip"]:
        id, source, what, printed = f"lecture-{slip['id']}", _(slip["source"]), _(slip["what"]), slip["printed"]
        if "layer" in slip:
            stride = graph(slip["net"])[slip["layer"]].op.stride  # type: ignore[attr-defined]
            yield number(id, source, what, printed, stride, _why_that_stride(slip))
        elif "recipe" in slip:
            paper = facts("resnet")["recipe"][slip["recipe"]][slip["key"]]
            why = _("the paper prints {number} (section 3.4)").format(number=f"{paper:g}")
            yield text(id, source, what, f"{printed:g}", f"{paper:g}", why)
        elif "kind" in slip:
            found = [layer for layer in graph(slip["net"]).layers if layer.op.kind == slip["kind"]]
            why = _("what is left is the layer to the classes: {layers}").format(
                layers=", ".join(layer.op.label() for layer in found)
            )
            yield number(id, source, what, printed, len(found), why)
        else:
            computed = getattr(counts(slip["net"]), slip["quantity"])
            yield number(id, source, what, printed, computed, _why_counts_differ(slip))


def _why_that_stride(slip: dict[str, Any]) -> str:
    """Return the output with the paper's stride and with the printed one: the lecture prints the paper's output."""
    layer = graph(slip["net"])[slip["layer"]]
    side, inputs = layer.shape[1], graph(slip["net"]).input_shapes(layer)
    other = replace(layer.op, stride=slip["printed"]).output_shape(inputs)[1]  # type: ignore[call-arg]
    return _(
        "the output of {side}×{side} that it prints needs the paper's stride; its own would give {other}×{other}"
    ).format(side=side, other=other)


def _why_counts_differ(slip: dict[str, Any]) -> str:
    """Return what else may have been counted."""
    if slip["quantity"] == "weight_layers":
        return reason(slip["printed"], {_("its depth, along the longest path,"): graph(slip["net"]).depth}, str)
    tried = ways_to_count_parameters(slip["net"])
    if slip["net"] == "googlenet":
        printed = facts("classics")
        times, whole = printed["googlenet"]["times_fewer_than_alexnet"], printed["alexnet"]["parameters"]
        way = _("AlexNet's printed {whole}, divided by the {times} that the paper prints,").format(
            whole=short(int(whole), 0), times=times
        )
        tried[way] = whole / times
    return reason(slip["printed"], tried)
