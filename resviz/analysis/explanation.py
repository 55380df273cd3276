"""The sum behind a number: each with the layer's own values, its formula, its convention and its source.

The products are the terms that the number itself is computed from (`resviz.nets.op.Term`); here they are written out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.analysis.claims.facts import RESNET_PAPER, Claim
from resviz.analysis.counts import BYTES, MEMORY, MULTIPLY_ADDS, PARAMETERS, Convention, Counts, exact
from resviz.analysis.receptive_field import parts, receptive_fields, unknown_fields
from resviz.analysis.upsampling import upsampled
from resviz.base.translation import N_, _
from resviz.nets.op import Term, format_shape
from resviz.nets.ops import AdaptiveAvgPool2d, Concat, Conv2d, ConvTranspose2d, Crop, Pool2d, RegionPool2d

if TYPE_CHECKING:
    from resviz.analysis.differences import Difference
    from resviz.nets.graph import Graph, Layer

DEPTH = _(
    "Weight layers: convolutions and fully connected layers, without projections on shortcuts, as the paper counts them"
)
SIZE = _("Sides are rounded down. Padding counts at both ends")
FIELD = _("The size of the window, also where it reaches beyond the image")
LECTURE = _("CS231n 2017, lecture 9, counts VGG-16 in this way")
_SOURCES = {
    "conv": _("A convolution is a sum over its window and its input channels, for each place and each filter"),
    "fc": _("Each output is a sum over all inputs"),
    "batch norm": "Ioffe and Szegedy 2015, arXiv 1502.03167, algorithm 1: y = γ x̂ + β",
    "prelu": _("He et al. 2015, arXiv 1502.01852, section 2.1: one slope per channel"),
}


@dataclass(frozen=True)
class ExplanationLine:
    """One line of a calculation: what is computed, the formula with its values, and the result."""

    what: str
    formula: str
    value: str


@dataclass(frozen=True)
class Explanation:
    """A figure: what it is, its value, the lines of its sum, the formula in words, its convention and its source."""

    title: str
    value: str
    lines: tuple[ExplanationLine, ...]
    formula: str
    convention: str
    source: str

    @property
    def text(self) -> str:
        """All of it, a line each: what is copied."""
        sums = [f"{line.what + ': ' if line.what else ''}{line.formula} = {line.value}" for line in self.lines]
        parts = [f"{self.title}: {self.value}", *sums, self.formula, self.convention, self.source]
        return "\n".join(part for part in parts if part)


def explain_layer(graph: Graph, layer: Layer, quantity: str, convention: Convention = MULTIPLY_ADDS) -> Explanation:
    """Return the calculation of a layer's "parameters", "flops", "output", "field" or "activations"."""
    return _LAYER[quantity](graph, layer, convention)


def explain_total(
    counts: Counts, quantity: str, of: str = "of the net", convention: Convention = MULTIPLY_ADDS
) -> Explanation:
    """Return the calculation of a net's "parameters", "flops", "activations" or "weight layers", stage by stage."""
    what, rule, factor = _counted(quantity, convention)
    stages: dict[str, list[int]] = {}
    for row in counts.rows:
        number = int(row.layer.counts_as_depth) if quantity == "weight layers" else getattr(row, quantity)
        if number:
            stages.setdefault(row.layer.stage or row.layer.name, []).append(number * factor)
    lines = [ExplanationLine(stage, _sum(numbers), exact(sum(numbers))) for stage, numbers in stages.items()]
    total = sum(sum(numbers) for numbers in stages.values())
    if len(lines) > 1:
        lines.append(
            ExplanationLine(_("in all"), " + ".join(exact(sum(numbers)) for numbers in stages.values()), exact(total))
        )
    if quantity == "activations":
        lines.append(_bytes(total))
    papers = {"activations": LECTURE, "parameters": ""}
    source = papers.get(
        quantity, _("counted as in {paper}, table 1").format(paper=RESNET_PAPER) if convention.factor == 1 else ""
    )
    return Explanation(f"{what} {of}", exact(total), tuple(lines), _("the sum over the layers"), rule, source)


def explain_claim(claim: Claim) -> Explanation:
    """Return what a paper prints beside what is computed, in the paper's own convention."""
    lines = (
        ExplanationLine(_("computed"), _("the sum over the layers"), exact(claim.computed)),
        ExplanationLine(_("printed"), _("as in the paper"), claim.printed_number),
    )
    verdict = claim.why or _("The computed number agrees to all printed digits.")
    title = _("The printed number: {what}").format(what=claim.what)
    rule = MULTIPLY_ADDS.text if claim.is_flops else PARAMETERS
    return Explanation(title, claim.printed_number, lines, verdict, rule, claim.source)


def explain_difference(
    difference: Difference, quantity: str, names: tuple[str, str], convention: Convention = MULTIPLY_ADDS
) -> Explanation:
    """Return how much more of a quantity the second of two nets has in a part."""
    what, rule, factor = _counted(quantity, convention)
    a, b = (getattr(cost, quantity) * factor for cost in (difference.a, difference.b))
    delta = difference.delta(quantity) * factor
    signed = exact(delta).replace("-", "−")
    lines = (ExplanationLine("", f"{exact(b)} − {exact(a)}", signed),)
    ratio = (
        ""
        if not (a and b and delta)
        else _("{ratio:.3g} times as much").format(ratio=b / a)
        if b > 2 * a
        else f"{b / a - 1:+.2%}"
    )
    title = _("{quantity}, {part}: {second} − {first}").format(
        quantity=what, part=difference.part, second=names[1], first=names[0]
    )
    return Explanation(title, signed, lines, difference.what or ratio, rule, "")


def _counted(quantity: str, convention: Convention) -> tuple[str, str, int]:
    """Return a quantity's name, how it is counted, and how often: FLOPs as the convention has it."""
    if quantity == "flops":
        return "FLOPs", convention.text, convention.factor
    return (*_TOTALS[quantity], 1)


def _parameters(graph: Graph, layer: Layer, convention: Convention) -> Explanation:
    terms = layer.op.parameter_terms()
    return _of_terms(
        _("Parameters of {layer}").format(layer=layer.name), layer, terms, graph.parameters(layer), PARAMETERS
    )


def _flops(graph: Graph, layer: Layer, convention: Convention) -> Explanation:
    terms = layer.op.multiply_add_terms(layer.shape)
    if convention.factor > 1:
        doubled = ((convention.factor, N_("multiplication and addition")),)
        terms = tuple(Term(term.what, doubled + term.factors) for term in terms)
    number = graph.multiply_adds(layer) * convention.factor
    return _of_terms(_("FLOPs of {layer}").format(layer=layer.name), layer, terms, number, convention.text)


def _of_terms(title: str, layer: Layer, terms: tuple[Term, ...], number: int, convention: str) -> Explanation:
    if not terms:
        why = _("A layer of the kind {kind} has nothing that is counted here").format(kind=layer.op.kind)
        return Explanation(title, "0", (), why, convention, "")
    lines = [ExplanationLine(_(term.what), _product(term), exact(term.value)) for term in terms]
    if len(lines) > 1:
        lines.append(ExplanationLine(_("in all"), " + ".join(exact(term.value) for term in terms), exact(number)))
    formula = " + ".join(" · ".join(_(name) for _value, name in term.factors) for term in terms)
    return Explanation(title, exact(number), tuple(lines), formula, convention, _SOURCES.get(layer.op.kind, ""))


def _output(graph: Graph, layer: Layer, convention: Convention) -> Explanation:
    title, shapes = _("Output of {layer}").format(layer=layer.name), graph.input_shapes(layer)
    source = _("channels × height × width, for one image")
    if len(layer.shape) != 3 or not shapes:
        return Explanation(title, format_shape(layer.shape), (), f"{layer.op.label()}", source, "")
    if isinstance(layer.op, AdaptiveAvgPool2d | RegionPool2d):
        return Explanation(title, format_shape(layer.shape), (), _("one place per window"), source, "")
    if isinstance(layer.op, Concat):
        sums = " + ".join(str(shape[0]) for shape in shapes)
        channels = ExplanationLine(_("channels"), sums, str(layer.shape[0]))
        return Explanation(
            title, format_shape(layer.shape), (channels,), _("the channels of all branches together"), source, ""
        )
    if layer.shape[1:] == shapes[0][1:] and not isinstance(layer.op, Conv2d | Pool2d):
        return Explanation(title, format_shape(layer.shape), (), _("the height and width of its input"), source, "")
    if isinstance(layer.op, ConvTranspose2d):
        op = layer.op
        lines = tuple(
            ExplanationLine(
                side, f"({shapes[0][axis]} − 1)·{op.stride} + {op.kernel} − 2·{op.padding}", str(layer.shape[axis])
            )
            for axis, side in ((1, "height"), (2, "width"))
        )
        return Explanation(
            title, format_shape(layer.shape), lines, "(side − 1)·stride + kernel − 2·padding", SIZE, source
        )
    if isinstance(layer.op, Crop):
        return Explanation(
            title, format_shape(layer.shape), (), _("as large as the map that it is added to"), source, ""
        )
    size, stride, padding, _up = layer.op.window(shapes)
    lines = tuple(
        _places(side, shapes[0][axis + 1], size[axis], stride[axis], padding, layer.shape[axis + 1])
        for axis, side in enumerate(("height", "width"))
    )
    if lines[0].formula == lines[1].formula:
        lines = (ExplanationLine(_("height and width"), lines[0].formula, lines[0].value),)
    return Explanation(
        title, format_shape(layer.shape), lines, "⌊(side + 2·padding − window) / stride⌋ + 1", SIZE, source
    )


def _places(what: str, side: int, size: int, stride: int, padding: int, places: int) -> ExplanationLine:
    """Rounded down, or up where the op does so: its last window then reaches beyond the map."""
    down, up = ("⌊", "⌋") if places == (side + 2 * padding - size) // stride + 1 else ("⌈", "⌉")
    return ExplanationLine(what, f"{down}({side} + 2·{padding} − {size}) / {stride}{up} + 1", str(places))


def _field(graph: Graph, layer: Layer, convention: Convention) -> Explanation:
    begins = unknown_fields(graph).get(layer.name)
    if begins is not None:
        why = _("From {layer} on, no place looks at a window of the image: its places are mixed, or have no order.")
        title = _("Receptive field of {layer}").format(layer=layer.name)
        return Explanation(title, "", (), why.format(layer=begins), FIELD, "")
    fields = receptive_fields(graph)
    (seen, window), own = parts(graph, layer, fields), fields[layer.name]
    if layer.name in upsampled(graph):
        why = _("After upsampling, neighbouring places see windows of different sizes. This is the largest.")
        return Explanation(
            _("Receptive field of {layer}").format(layer=layer.name), sides_text(own.size), (), why, FIELD, ""
        )
    sides: tuple[tuple[str, int], ...] = (("height", 0), ("width", 1))
    if own.size[0] == own.size[1] and own.stride[0] == own.stride[1]:
        sides = (("", 0),)
    lines = []
    for side, axis in sides:
        sums = f"{seen.size[axis]} + ({window.size[axis]} − 1)·{seen.stride[axis]}"
        lines.append(ExplanationLine(f"{side} size".strip(), sums, str(own.size[axis])))
    for side, axis in sides:
        step = f"{seen.stride[axis]}·{window.stride[axis]}"
        lines.append(ExplanationLine(f"{side} stride".strip(), step, str(own.stride[axis])))
    formula = _("size of the input's field + (window − 1) · stride of the input's field; stride · step")
    source = "Araujo, Norris and Sim 2019, Distill, “Computing Receptive Fields of CNNs”, eq. 1 and 2"
    return Explanation(
        _("Receptive field of {layer}").format(layer=layer.name),
        sides_text(own.size),
        tuple(lines),
        formula,
        FIELD,
        source,
    )


def _activations(graph: Graph, layer: Layer, convention: Convention) -> Explanation:
    title = _("Activations of {layer}").format(layer=layer.name)
    if graph.in_place(layer):
        return Explanation(
            title,
            "0",
            (),
            _("A layer of the kind {kind} works in place and needs no memory").format(kind=layer.op.kind),
            MEMORY,
            "",
        )
    elements = math.prod(layer.shape)
    lines = (
        ExplanationLine("elements", "·".join(map(str, layer.shape)), exact(elements)),
        _bytes(elements),
    )
    formula = _("channels · height · width, 4 bytes each") if len(layer.shape) == 3 else _("features, 4 bytes each")
    return Explanation(title, exact(elements), lines, formula, MEMORY, LECTURE)


def _bytes(elements: int) -> ExplanationLine:
    return ExplanationLine(_("bytes"), f"{BYTES}·{exact(elements)}", exact(BYTES * elements))


def sides_text(sides: tuple[int, int]) -> str:
    """Return a size as text: 35, or 35×19 if height and width differ."""
    height, width = sides
    return str(height) if height == width else f"{height}×{width}"


def _product(term: Term) -> str:
    return "·".join(str(value) for value, _name in term.factors)


def _sum(numbers: list[int]) -> str:
    """Return the addends, equal neighbours as a product: 2·36 864 + 73 728."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number:
            parts[-1][0] += 1
        else:
            parts.append([1, number])
    return " + ".join(f"{times}·{exact(number)}" if times > 1 else exact(number) for times, number in parts)


_LAYER = {
    "parameters": _parameters,
    "flops": _flops,
    "output": _output,
    "field": _field,
    "activations": _activations,
}
_TOTALS = {
    "parameters": (_("Parameters"), PARAMETERS),
    "activations": (_("Activations"), MEMORY),
    "weight layers": (_("Weight layers"), DEPTH),
}
