"""Every figure that the papers and lectures print of a net, against what its graph computes.

The printed figures are data, in resources/facts; each claim below says which net and which number it is about. The
verdict is computed from the digits that are printed, never stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from resviz.analysis.claims import RESNET_PAPER, Claim, facts, flops_claim, parameters_claim
from resviz.analysis.counts import Counts, count, exact, short
from resviz.nets import catalogue
from resviz.nets.depth_table import build
from resviz.nets.graph import Graph
from resviz.nets.op import show
from resviz.nets.ops import Conv2d, Linear
from resviz.nets.spec import NetSpec

VGG_PAPER = "Simonyan and Zisserman 2015, arXiv 1409.1556"
LECTURE_9 = "CS231n 2017, lecture 9"
LECTURE_5 = "CS231n 2017, lecture 5"
Verdict = Literal["agrees", "differs", "measured elsewhere"]
"""The last is of what only a training on ImageNet or CIFAR gives: it can't be computed from a graph."""


@dataclass(frozen=True)
class Checked:
    """A printed figure beside the computed one; `why` says what a difference comes from."""

    id: str
    source: str
    what: str
    printed: str
    computed: str
    verdict: Verdict
    why: str = ""


def check() -> tuple[Checked, ...]:
    """All claims, paper by paper."""
    return tuple(claim for part in _PARTS for claim in part())


def _printed(id: str, spec: NetSpec, claim: Claim | None) -> Iterator[Checked]:
    """A claim that BUILD shows beside a net too."""
    if claim is not None:
        verdict: Verdict = "agrees" if claim.agrees else "differs"
        what = f"{spec.label}: {claim.what}"
        yield Checked(id, claim.source, what, claim.printed_number, exact(claim.computed), verdict, claim.why)


def _number(id: str, source: str, what: str, printed: Decimal | int, computed: int | Decimal, why: str = "") -> Checked:
    """Agrees where the computed figure, rounded to the printed digits, is the printed one."""
    digits = Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent))
    agrees = 2 * abs(Decimal(computed) - Decimal(printed)) <= (digits if isinstance(printed, Decimal) else 0)
    written = exact(int(computed)) if computed == int(computed) else f"{computed:.4f}"
    shown = exact(int(printed)) if printed == int(printed) else f"{printed:f}"
    return Checked(id, source, what, shown, written, "agrees" if agrees else "differs", "" if agrees else why)


def _text(id: str, source: str, what: str, printed: str, computed: str, why: str = "") -> Checked:
    agrees = printed == computed
    return Checked(id, source, what, printed, computed, "agrees" if agrees else "differs", "" if agrees else why)


@cache
def _graph(name: str) -> Graph:
    return build(catalogue.find(name))


@cache
def _counts(name: str) -> Counts:
    return count(_graph(name))


def _table_1() -> Iterator[Checked]:
    table = facts("resnet")["table1"][0]
    source = f"{RESNET_PAPER}, table 1"
    for column in table["columns"]:
        depth = column.split("-")[0]
        name = f"resnet{depth}"
        spec = catalogue.find(name)
        yield from _printed(f"table1-{depth}-flops", spec, flops_claim(spec, _counts(name)))
        layers = len(_graph(name).weight_layers)
        yield _number(f"table1-{depth}-layers", source, f"layers of ResNet-{depth}", int(depth), layers)
    for stage, side in table["output_size"].items():
        last = [layer for layer in _graph("resnet34").layers if layer.stage == stage][-1]
        yield _text(f"table1-{stage}-output", source, f"output size of {stage}", f"{side}×{side}", show(last.shape[1:]))


def _figure_3_and_text() -> Iterator[Checked]:
    text = facts("resnet")["text"]
    for name in ("plain34", "vgg19", "vgg16"):
        spec = catalogue.find(name)
        yield from _printed(f"figure3-{name}", spec, flops_claim(spec, _counts(name)))
    share = Decimal(_counts("resnet34").flops) / _counts("vgg19").flops
    why = f"{share:.1%} was printed with its further digits cut off, not rounded"
    what = "share of VGG-19's FLOPs that ResNet-34 has"
    yield _number("text-share", f"{RESNET_PAPER}, section 1", what, text["resnet34_share_of_vgg19"], share, why)
    convolutions = _counts("vgg19").flops_of("conv")
    why = "VGG-16's figure is of its convolutions alone, VGG-19's of its fully connected layers too: two conventions"
    what = "FLOPs of VGG-19, counted as VGG-16's 15.3 G are"
    yield _number("text-vgg19-conv", f"{RESNET_PAPER}, section 1", what, text["vgg19_flops"], convolutions, why)


def _cifar() -> Iterator[Checked]:
    cifar = facts("resnet")["cifar"]
    source = f"{RESNET_PAPER}, table 6"
    for depth, _, error in cifar["rows"]:
        name = f"cifar-resnet{depth}"
        spec = catalogue.find(name)
        yield from _printed(f"table6-{depth}-parameters", spec, parameters_claim(spec, _counts(name)))
        layers = len(_graph(name).weight_layers)
        yield _number(f"table6-{depth}-layers", source, f"layers of CIFAR ResNet-{depth}", int(depth), layers)
        yield _measured(f"table6-{depth}-error", source, f"test error of CIFAR ResNet-{depth}, %", error)


def _imagenet_errors() -> Iterator[Checked]:
    source = f"{RESNET_PAPER}, tables 2 and 3"
    for net, top1, top5 in facts("resnet")["imagenet_error"][0]["rows"]:
        key = net.lower().replace(" ", "-")
        for rank, error in (("1", top1), ("5", top5)):
            if error != "-":
                yield _measured(f"table3-{key}-top{rank}", source, f"top-{rank} error of {net}, 10-crop, %", error)


def _measured(id: str, source: str, what: str, printed: object) -> Checked:
    return Checked(id, source, what, str(printed), "", "measured elsewhere", "it takes the whole training to measure")


def _vgg() -> Iterator[Checked]:
    vgg = facts("vgg")
    names = {"A": "vgg11", "B": "vgg13", "C": "vgg16c", "D": "vgg16", "E": "vgg19"}
    for key, layers in vgg["config"]["weight_layers"].items():
        what = f"weight layers of configuration {key}"
        found = len(_graph(names[key]).weight_layers)
        yield _number(f"vgg-{key}-layers", f"{VGG_PAPER}, table 1", what, layers, found)
    rows = vgg["memory_and_params"][0]["rows"]
    drawn = [row for row in _counts("vgg16").rows if row.layer.op.kind in ("input", "conv", "max pool", "fc")]
    for index, (row, (label, _, elements, weights)) in enumerate(zip(drawn, rows, strict=True)):
        place = f"cs231n-vgg16-{index:02}"
        yield _number(
            f"{place}-memory", LECTURE_9, f"activations of {label}, row {index + 1}", elements, row.activations
        )
        learned = sum(term.value for term in row.layer.op.parameter_terms() if term.what == "weights")
        yield _number(f"{place}-weights", LECTURE_9, f"weights of {label}, row {index + 1}", weights, learned)


def _classics() -> Iterator[Checked]:
    kinds = ("conv", "max pool", "local response norm", "fc")
    drawn = [layer for layer in _graph("alexnet").layers if layer.op.kind in kinds]
    for layer, (label, shape, _) in zip(drawn, facts("classics")["alexnet"]["shapes"], strict=True):
        sides = layer.shape if len(layer.shape) == 1 else (*layer.shape[1:], layer.shape[0])
        key = label.lower().replace(" ", "-")
        yield _text(f"alexnet-{key}", LECTURE_9, f"output of AlexNet's {label}", shape.replace("x", "×"), show(sides))


def _lessons() -> Iterator[Checked]:
    lesson = facts("lessons")["fc_against_conv"]
    fc, conv = lesson["fc"], lesson["conv"]
    for id, what, printed, op in (
        ("fc", "weights of a fully connected layer", fc["weights"], Linear(fc["in"], fc["out"])),
        ("conv", "weights of a convolution", conv["weights"], _convolution(conv)),
    ):
        learned = sum(term.value for term in op.parameter_terms() if term.what == "weights")
        yield _number(f"lesson-{id}", LECTURE_5, f"{what}, 32×32×3 to as many", printed, learned)


def _convolution(conv: dict[str, int]) -> Conv2d:
    return Conv2d(conv["in_channels"], conv["out_channels"], conv["kernel"], padding=conv["padding"])


def _slips() -> Iterator[Checked]:
    """What lectures print otherwise than their papers."""
    for slip in facts("lectures")["slip"]:
        id, source, what, printed = f"lecture-{slip['id']}", slip["source"], slip["what"], slip["printed"]
        if "layer" in slip:
            side = _graph(slip["net"])[slip["layer"]].shape[1]
            why = (
                f"table 1 has stride 2, and its output is {side}×{side}; with stride 1 it would be {printed}×{printed}"
            )
            yield _number(id, source, what, printed, side, why)
        elif "recipe" in slip:
            paper = facts("resnet")["recipe"][slip["recipe"]][slip["key"]]
            yield _text(id, source, what, f"{printed:g}", f"{paper:g}", f"the paper prints {paper:g} (section 3.4)")
        else:
            computed = getattr(_counts(slip["net"]), slip["quantity"])
            why = f"its graph has {short(computed)}, with shortcut option {catalogue.find(slip['net']).shortcut}"
            yield _number(id, source, what, printed, computed, why)


_PARTS: tuple[Callable[[], Iterator[Checked]], ...] = (
    _table_1,
    _figure_3_and_text,
    _cifar,
    _imagenet_errors,
    _vgg,
    _classics,
    _lessons,
    _slips,
)
