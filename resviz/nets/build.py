"""NetSpec -> Graph, for every family that a depth table describes: ResNet, plain, VGG, CIFAR."""

from __future__ import annotations

from collections import Counter
from itertools import count
from string import ascii_lowercase
from typing import TYPE_CHECKING

from resviz.base.errors import MapTooSmall, NetError
from resviz.base.translation import _
from resviz.nets.block_types import BLOCKS
from resviz.nets.blocks.dense_heads import fully_convolutional
from resviz.nets.blocks.detector import detector
from resviz.nets.blocks.highway import gated
from resviz.nets.blocks.inception import auxiliary, inception, pooling, unit_of_cell
from resviz.nets.blocks.layers import Names, activation, convolution, nonlinearity, part_names
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.head_notation import AveragePool, Detector, Drop, Hidden, PyramidPool
from resviz.nets.notation import LRN, Auxiliary, Block, Cell, Pool
from resviz.nets.op import format_shape
from resviz.nets.ops import AdaptiveAvgPool2d, Dropout, Flatten, Linear, LocalResponseNorm, PyramidPool2d

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.spec import NetSpec

_HALVING = Pool(2, 2)
"""What shrinks a map where no stride does: VGG's pooling."""
LARGEST_SIDE_TRIED = 4096
MAX_WEIGHT_LAYERS = 4000
"""More than three times the deepest net of the paper; a table that asks for more is a slip of the keyboard."""


def build(spec: NetSpec) -> Graph:
    """Return the net of a spec.

    Raise NetError if the net is not possible; its text says at which layer, and how to fix it.
    """
    try:
        return _build(spec)
    except MapTooSmall as error:
        side = _smallest_side(spec)
        message = (
            _("{net} at {input}: {error}. The smallest input for this net is {smallest}.").format(
                net=spec.name,
                input=format_shape(spec.input),
                error=error,
                smallest=format_shape((spec.input[0], side, side)),
            )
            if side
            else _("{net} at {input}: {error}. Remove a stage.").format(
                net=spec.name, input=format_shape(spec.input), error=error
            )
        )
        raise NetError(message) from None
    except NetError as error:
        raise NetError(f"{spec.name}: {error}") from None


def _build(spec: NetSpec) -> Graph:
    cells = sum(len(block.cells) * block.repeats for stage in spec.stages for block in stage.blocks)
    cells *= 2**spec.columns - 1 if spec.unit == "fractal" else 1
    if cells > MAX_WEIGHT_LAYERS:  # counted beforehand, so that the answer is as quick as the typing
        raise NetError(
            _("The net has {count} convolutions. At most {most} are possible.").format(
                count=cells, most=MAX_WEIGHT_LAYERS
            )
        )
    builder = GraphBuilder(spec.name, spec.input)
    asides = any(isinstance(part, Auxiliary) for stage in spec.stages for part in stage.parts)
    in_one_row = spec.shrink == "pool" if not spec.stem.parts else not spec.stages
    numbered = spec.unit == "plain" and in_one_row and not asides and not spec.is_branching
    if asides and (spec.head.dense or spec.head.detector):
        raise NetError(
            _("Auxiliary classifiers can't be combined with {head}. Remove aux from the stages.").format(head=spec.head)
        )
    if spec.head.detector:
        _detector(builder, spec, spec.head.detector)
        return builder.build()
    out = _features(builder, spec) if numbered else _stages(builder, _stem(builder, spec), spec)
    if spec.head.dense:
        fully_convolutional(builder, out, spec, spec.head.dense)
    else:
        _head(builder, out, spec, numbered=numbered)
    return builder.build()


def _smallest_side(spec: NetSpec) -> int | None:
    """Return the side of the smallest square input that the net takes.

    Bisection, since a larger input never takes less.
    """

    def fits(side: int) -> bool:
        try:
            _build(spec.model_copy(update={"input": (spec.input[0], side, side)}))
        except MapTooSmall:
            return False
        return True

    low, high = 0, 1
    while not fits(high):
        low, high = high, high * 2
        if high > LARGEST_SIDE_TRIED:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def _stem(builder: GraphBuilder, spec: NetSpec) -> str:
    """conv1, bn1, relu, maxpool: torchvision's names; further ones, if there are any, are conv1_2, bn1_2 ...

    Those of a net of Inception modules are conv1.conv, conv1.bn, maxpool1, conv2.conv ... there. The pooling that ends
    a stem is the first line of the first stage, as table 1 has it.
    """
    out, last = builder.input, len(spec.stem.parts) - 1
    used: Counter[str] = Counter()

    def numbered(name: str) -> str:
        used[name] += 1
        if spec.is_branching:
            return f"{name}{used[name]}"
        first = f"{name}1" if name == "conv" else name
        return f"{first}_{used[name]}" if used[name] > 1 else first

    for index, part in enumerate(spec.stem.parts):
        ends = index == last and isinstance(part, Pool) and spec.stages
        with builder.stage(spec.stage_name(0) if ends else "conv1"):
            if isinstance(part, Cell):
                name = numbered(_name(part))
                if spec.is_branching:
                    out = unit_of_cell(builder, out, name, part, part.stride, spec)
                    continue
                suffix = name.removeprefix("conv1")
                names = {"bn": f"bn1{suffix}", "act": f"{spec.activation}{suffix}"}
                out = convolution(builder, out, part, part.stride, spec, name)
                out = nonlinearity(builder, out, spec, names.__getitem__)
            elif isinstance(part, Pool):
                out = pooling(builder, out, numbered(_name(part)), part)
            else:
                out = builder.add(numbered(_name(part)), LocalResponseNorm(), out)
    return out


def _name(part: Cell | Pool | LRN | Auxiliary | Block) -> str:
    """Return what a part of the table is called in the names of its layers."""
    if isinstance(part, Pool):
        return "meanpool" if part.mean else "maxpool"
    return {Cell: "conv", Block: "layer", LRN: "lrn", Auxiliary: "aux"}[type(part)]


def _detector(builder: GraphBuilder, spec: NetSpec, head: Detector) -> None:
    """The last stage works on regions, all before it on the image."""
    last = len(spec.stages) - 1
    if last < 1 or spec.shrink != "stride" or spec.unit == "preactivation":
        raise NetError(
            _("{head} needs two or more stages that shrink by strides, and no pre-activation units.").format(head=head)
        )
    shared = _stages(builder, _stem(builder, spec), spec, range(last))
    detector(builder, shared, spec, head, lambda region: _stages(builder, region, spec, range(last, last + 1)))


def _stages(builder: GraphBuilder, source: str, spec: NetSpec, wanted: range | None = None) -> str:
    """layer1.0, layer1.1, ... layer2.0 ...: the blocks of each stage; an Inception module's name is inception3a."""
    out = source
    used = Counter(_name(part) for part in spec.stem.parts)
    for index, stage in enumerate(spec.stages):
        if wanted is not None and index not in wanted:
            continue
        block = count()
        with builder.stage(spec.stage_name(index)):
            for part in stage.parts:
                name = _name(part)
                used[name] += 1
                if isinstance(part, Pool):
                    out = pooling(builder, out, f"{name}{used[name]}", part)
                elif isinstance(part, Auxiliary):
                    auxiliary(builder, out, f"{name}{used[name]}", spec)
                elif isinstance(part, Block):
                    for _repeat in range(part.repeats):
                        number = next(block)
                        stride = 2 if spec.shrink == "stride" and index > 0 and number == 0 else 1
                        out = _block(builder, out, part, index, number, stride, spec)
                else:
                    out = builder.add(f"{name}{used[name]}", LocalResponseNorm(), out)
            if spec.shrink == "pool":
                out = pooling(builder, out, f"layer{index + 1}.pool", _HALVING)
    if spec.unit == "preactivation" and spec.stages:
        names = {"bn": "bn_last", "act": f"{spec.activation}_last"}
        with builder.stage(spec.stage_name(len(spec.stages) - 1)):
            if spec.norm_place == "convolution":
                return activation(builder, out, names["act"], spec)
            out = nonlinearity(builder, out, spec, names.__getitem__)
    return out


def _block(
    builder: GraphBuilder, source: str, block: Block, stage: int, number: int, stride: int, spec: NetSpec
) -> str:
    """One block of a stage, both counted from 0."""
    if block.is_straight:
        with builder.block_type(spec.unit):
            return BLOCKS[spec.unit].add(builder, source, f"layer{stage + 1}.{number}", block, stride, spec)
    if spec.unit != "plain" or stride > 1:
        raise NetError(
            _("A block with branches needs a plain net that shrinks by pools: {block}").format(block=str(block)[:60])
        )
    return inception(builder, source, f"inception{stage + 3}{_letters(number)}", block, spec)


def _letters(number: int) -> str:
    """a, b, ... z, aa, ab ...: how GoogLeNet's modules are counted."""
    return (_letters(number // 26 - 1) if number >= 26 else "") + ascii_lowercase[number % 26]


def _features(builder: GraphBuilder, spec: NetSpec) -> str:
    """features.0, features.1 ...: torchvision numbers the layers of AlexNet and of VGG nets in one row."""
    number = count()
    out = builder.input

    def named(part: str = "") -> str:
        return f"features.{next(number)}"

    rows: list[tuple[str, Sequence[object]]] = [("conv1", spec.stem.parts)]
    rows += [(spec.stage_name(index), (*stage.parts, _HALVING)) for index, stage in enumerate(spec.stages)]
    for row, parts in rows:
        with builder.stage(row):
            for part in parts:
                for cell in part.cells * part.repeats if isinstance(part, Block) else [part]:
                    if isinstance(cell, Cell):
                        out = convolution(builder, out, cell, cell.stride, spec, named())
                        out = nonlinearity(builder, out, spec, named)
                    elif isinstance(cell, Pool):
                        out = pooling(builder, out, named(), cell)
                    else:
                        out = builder.add(named(), LocalResponseNorm(), out)
    return out


def _head(builder: GraphBuilder, source: str, spec: NetSpec, *, numbered: bool) -> None:
    """avgpool, flatten, fc; or flatten and VGG's classifier.0 ... classifier.6; GoogLeNet's dropout, fc."""
    number = count()
    out = source
    drops = [part for part in spec.head.parts if isinstance(part, Drop)]
    numbered = numbered or len(drops) > 1 or any(isinstance(part, Hidden) for part in spec.head.parts)

    def named(kind: str) -> str:
        return f"classifier.{next(number)}" if numbered else kind

    with builder.stage("fc"):
        parts = spec.head.parts
        if parts and isinstance(parts[0], AveragePool):
            out = builder.add("avgpool", AdaptiveAvgPool2d(parts[0].size), out)
            parts = parts[1:]
        if parts and isinstance(parts[0], PyramidPool):
            out = builder.add("pyramid", PyramidPool2d(parts[0].levels), out)
        else:
            out = builder.add("flatten", Flatten(), out)
        for part in parts:
            if isinstance(part, Hidden):
                out = _hidden(builder, out, part.features, named, spec)
            elif isinstance(part, Drop):
                out = builder.add(named("dropout"), Dropout(part.p), out)
        builder.add(named("fc"), Linear(builder.shape(out)[0], spec.classes), out)


def _hidden(builder: GraphBuilder, source: str, features: int, names: Names, spec: NetSpec) -> str:
    """Return a fully connected layer with its activation; of a highway net a highway unit, where it keeps the width.

    The net's normalization is that of its convolutions. A net of fully connected layers alone has it in these.
    """
    width, activated = builder.shape(source)[0], _activation if spec.stages else nonlinearity
    if spec.unit != "highway" or width != features:
        out = builder.add(names("fc"), Linear(width, features), source)
        return activated(builder, out, spec, names)
    name = names("layer")
    with builder.block_type(spec.unit), builder.block(name):
        out = builder.add(f"{name}.fc1", Linear(width, features), source)
        out = activated(builder, out, spec, part_names(name, 1, spec))
        gate = Linear(width, width, first_bias=spec.gate_bias)
        return gated(builder, out, source, gate, part_names(name, 1, spec))


def _activation(builder: GraphBuilder, source: str, spec: NetSpec, names: Names) -> str:
    return activation(builder, source, names("act"), spec)
