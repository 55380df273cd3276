"""Every figure that the papers and lectures print of a net, against what its graph computes.

The printed figures are data, in resources/facts; each claim below says which net and which number it is about. The
verdict is computed from the digits that are printed, never stored.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from resviz.analysis.claims.classic_checks import LECTURE_9, classics, detection, googlenet, lessons, slips
from resviz.analysis.claims.facts import RESNET_PAPER, facts, flops_claim, parameters_claim
from resviz.analysis.claims.reasons import reason
from resviz.analysis.claims.recipe_checks import recipes
from resviz.analysis.claims.verdicts import CheckedClaim, counts, graph, measured, number, rounded, text
from resviz.analysis.counts import exact
from resviz.base.translation import _
from resviz.nets import catalogue
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from resviz.analysis.claims.facts import Claim
    from resviz.analysis.claims.verdicts import Verdict
    from resviz.nets.spec import NetSpec

VGG_PAPER = "Simonyan and Zisserman 2015, arXiv 1409.1556"


def check() -> tuple[CheckedClaim, ...]:
    """Return all claims, paper by paper."""
    return tuple(claim for part in _PARTS for claim in part())


def _table_1() -> Iterator[CheckedClaim]:
    table = facts("resnet")["table1"][0]
    source = f"{RESNET_PAPER}, table 1"
    for column in table["columns"]:
        depth = column.split("-")[0]
        name = f"resnet{depth}"
        spec = catalogue.find(name)
        yield from _printed_claim(f"table1-{depth}-flops", spec, flops_claim(spec, counts(name)))
        layers = len(graph(name).weight_layers)
        what = _("layers of {net}").format(net=f"ResNet-{depth}")
        yield number(f"table1-{depth}-layers", source, what, int(depth), layers)
    for stage, side in table["output_size"].items():
        last = [layer for layer in graph("resnet34").layers if layer.stage == stage][-1]
        what, found = _("output size of {stage}").format(stage=stage), format_shape(last.shape[1:])
        yield text(f"table1-{stage}-output", source, what, f"{side}×{side}", found)


def _figure_3_and_text() -> Iterator[CheckedClaim]:
    printed = facts("resnet")["text"]
    for name in ("plain34", "vgg19", "vgg16"):
        spec = catalogue.find(name)
        yield from _printed_claim(f"figure3-{name}", spec, flops_claim(spec, counts(name)))
    of, all_of = _printed_flops("resnet34"), _printed_flops("vgg19")
    what, claimed = _("share of VGG-19's FLOPs that ResNet-34 has"), printed["resnet34_share_of_vgg19"]
    way = _("the printed {part} G divided by the printed {whole} G").format(part=of.scaleb(-9), whole=all_of.scaleb(-9))
    why = reason(claimed, {way: of / all_of}, lambda share: f"{float(share):.1%}")
    share = Decimal(counts("resnet34").flops) / counts("vgg19").flops
    yield number("text-share", f"{RESNET_PAPER}, section 3.3", what, claimed, share, why)
    found = counts("vgg19")
    way = _("counting its fully connected layers too, unlike those of VGG-16,")
    why = reason(printed["vgg19_flops"], {way: found.flops})
    what = _("FLOPs of VGG-19, counted as VGG-16's 15.3 G are")
    convolutions = found.kind_flops("conv")
    yield number("text-vgg19-conv", f"{RESNET_PAPER}, section 4.1", what, printed["vgg19_flops"], convolutions, why)


def _printed_claim(id: str, spec: NetSpec, claim: Claim | None) -> Iterator[CheckedClaim]:
    """Return a claim that BUILD also shows beside a net."""
    if claim is not None:
        verdict: Verdict = "agrees" if claim.agrees else "differs"
        what = f"{spec.label}: {claim.what}"
        yield CheckedClaim(id, claim.source, what, claim.printed_number, exact(claim.computed), verdict, claim.why)


def _printed_flops(net: str) -> Decimal:
    """Return what the paper prints as the FLOPs of a net."""
    claim = flops_claim(catalogue.find(net), counts(net))
    assert claim is not None
    return claim.printed


def _cifar() -> Iterator[CheckedClaim]:
    cifar = facts("resnet")["cifar"]
    source = f"{RESNET_PAPER}, table 6"
    for depth, _millions, error in cifar["rows"]:
        name, net = f"cifar-resnet{depth}", f"CIFAR ResNet-{depth}"
        spec = catalogue.find(name)
        yield from _printed_claim(f"table6-{depth}-parameters", spec, parameters_claim(spec, counts(name)))
        layers = len(graph(name).weight_layers)
        yield number(f"table6-{depth}-layers", source, _("layers of {net}").format(net=net), int(depth), layers)
        yield measured(f"table6-{depth}-error", source, _("test error of {net}, %").format(net=net), error)


def _imagenet_errors() -> Iterator[CheckedClaim]:
    source = f"{RESNET_PAPER}, tables 2 and 3"
    for net, top1, top5 in facts("resnet")["imagenet_error"][0]["rows"]:
        key = net.lower().replace(" ", "-")
        for rank, error in (("1", top1), ("5", top5)):
            if error != "-":
                what = _("top-{rank} error of {net}, 10-crop, %").format(rank=rank, net=net)
                yield measured(f"table3-{key}-top{rank}", source, what, error, _("one net, validation set"))
    ensemble = facts("resnet")["ensemble"]
    of = _("six residual nets together, test set")
    what = _("top-5 error of the entry that won ILSVRC 2015, %")
    yield measured("table5-top5", f"{RESNET_PAPER}, section 4.1, table 5", what, ensemble["top5_error"], of)


def _vgg() -> Iterator[CheckedClaim]:
    vgg = facts("vgg")
    names = {"A": "vgg11", "B": "vgg13", "C": "vgg16c", "D": "vgg16", "E": "vgg19"}
    for key, layers in vgg["config"]["weight_layers"].items():
        what = _("weight layers of configuration {letter}").format(letter=key)
        found = len(graph(names[key]).weight_layers)
        yield number(f"vgg-{key}-layers", f"{VGG_PAPER}, table 1", what, layers, found)
    rows = vgg["memory_and_params"][0]["rows"]
    drawn = [row for row in counts("vgg16").rows if row.layer.op.kind in ("input", "conv", "max pool", "fc")]
    for index, (row, (label, _size, elements, weights)) in enumerate(zip(drawn, rows, strict=True)):
        place = f"cs231n-vgg16-{index:02}"
        what = _("activations of {layer}, row {row}").format(layer=label, row=index + 1)
        yield rounded(f"{place}-memory", LECTURE_9, what, elements, row.activations)
        learned = sum(term.value for term in row.layer.op.parameter_terms() if term.what == "weights")
        what = _("weights of {layer}, row {row}").format(layer=label, row=index + 1)
        yield number(f"{place}-weights", LECTURE_9, what, weights, learned)


_PARTS: tuple[Callable[[], Iterator[CheckedClaim]], ...] = (
    _table_1,
    _figure_3_and_text,
    _cifar,
    _imagenet_errors,
    _vgg,
    classics,
    googlenet,
    detection,
    lessons,
    recipes,
    slips,
)
