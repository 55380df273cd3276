"""NetSpec -> Graph, for every family that a depth table describes: ResNet, plain, VGG, CIFAR."""

from __future__ import annotations

from collections import Counter
from itertools import count

from resviz.nets.blocks import UNITS, activation, convolution, nonlinearity
from resviz.nets.errors import MapTooSmall, NetError
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.notation import AveragePool, Cell, Drop, Hidden, Pool
from resviz.nets.op import show
from resviz.nets.ops import AdaptiveAvgPool2d, AvgPool2d, Dropout, Flatten, Linear, LocalResponseNorm, MaxPool2d
from resviz.nets.spec import NetSpec

_HALVING = Pool(2, 2)
"""What shrinks a map where no stride does: VGG's pooling."""
LARGEST_SIDE_TRIED = 4096
MAX_WEIGHT_LAYERS = 4000
"""More than three times the deepest net of the paper; a table that asks for more is a slip of the keyboard."""


def build(spec: NetSpec) -> Graph:
    """The spec's network. Raises NetError where there can be none; its text says at which layer, and what would do."""
    try:
        return _build(spec)
    except MapTooSmall as error:
        side = _smallest_side(spec)
        hint = f"the smallest input for this net is {show((spec.input[0], side, side))}" if side else "drop a stage"
        raise NetError(f"{spec.name} at {show(spec.input)}: {error}; {hint}") from None
    except NetError as error:
        raise NetError(f"{spec.name}: {error}") from None


def _build(spec: NetSpec) -> Graph:
    cells = sum(len(stage.cells) * stage.repeats for stage in spec.stages)
    if cells > MAX_WEIGHT_LAYERS:  # counted beforehand, so that the answer is as quick as the typing
        raise NetError(f"{cells} convolutions; up to {MAX_WEIGHT_LAYERS} will do")
    builder = GraphBuilder(spec.name, spec.input)
    if spec.unit == "plain" and spec.shrink == "pool" and not spec.stem.parts:
        out = _vgg_features(builder, spec)
        out = _head(builder, out, spec, vgg=True)
    else:
        out = _stem(builder, spec)
        out = _stages(builder, out, spec)
        out = _head(builder, out, spec, vgg=False)
    return builder.build()


def _smallest_side(spec: NetSpec) -> int | None:
    """The side of the smallest square input that the net takes: bisection, since a larger input never takes less."""

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


def _pool(builder: GraphBuilder, source: str, name: str, pool: Pool) -> str:
    """Where its table doesn't say, 3x3 pads by 1 as in conv2_x, 2x2 not at all as in VGG."""
    op = AvgPool2d if pool.mean else MaxPool2d
    padding = (pool.kernel - 1) // 2 if pool.padding is None else pool.padding
    return builder.add(name, op(pool.kernel, pool.stride, padding), source)


def _stem(builder: GraphBuilder, spec: NetSpec) -> str:
    """conv1, bn1, relu, maxpool: torchvision's names; further ones, if there are any, are conv1_2, bn1_2 ...

    The pooling that ends it is the first line of the first stage, as table 1 has it.
    """
    out, last = builder.input, len(spec.stem.parts) - 1
    used: Counter[str] = Counter()

    def numbered(name: str) -> str:
        used[name] += 1
        return f"{name}_{used[name]}" if used[name] > 1 else name

    for index, part in enumerate(spec.stem.parts):
        ends = index == last and isinstance(part, Pool) and spec.stages
        with builder.stage(spec.stage_name(0) if ends else "conv1"):
            if isinstance(part, Cell):
                name = numbered("conv1")
                suffix = name.removeprefix("conv1")
                names = {"bn": f"bn1{suffix}", "act": f"{spec.activation}{suffix}"}
                out = convolution(builder, out, part, part.stride, spec, name)
                out = nonlinearity(builder, out, spec, names.__getitem__)
            elif isinstance(part, Pool):
                out = _pool(builder, out, numbered("meanpool" if part.mean else "maxpool"), part)
            else:
                out = builder.add(numbered("lrn"), LocalResponseNorm(), out)
    return out


def _stages(builder: GraphBuilder, source: str, spec: NetSpec) -> str:
    """layer1.0, layer1.1, ... layer2.0 ...: the blocks of each stage."""
    out = source
    for index, stage in enumerate(spec.stages):
        with builder.stage(spec.stage_name(index)):
            for repeat in range(stage.repeats):
                shrinks = spec.shrink == "stride" and index > 0 and repeat == 0
                out = UNITS[spec.unit](builder, out, f"layer{index + 1}.{repeat}", stage, 2 if shrinks else 1, spec)
            if spec.shrink == "pool":
                out = _pool(builder, out, f"layer{index + 1}.pool", _HALVING)
    if spec.unit == "preactivation" and spec.stages:
        names = {"bn": "bn_last", "act": f"{spec.activation}_last"}
        with builder.stage(spec.stage_name(len(spec.stages) - 1)):
            out = nonlinearity(builder, out, spec, names.__getitem__)
    return out


def _vgg_features(builder: GraphBuilder, spec: NetSpec) -> str:
    """features.0, features.1 ...: torchvision numbers the layers of a VGG net in one row."""
    number = count()
    out = builder.input
    for index, stage in enumerate(spec.stages):
        with builder.stage(spec.stage_name(index)):
            for cell in stage.cells * stage.repeats:
                out = convolution(builder, out, cell, 1, spec, f"features.{next(number)}")
                out = nonlinearity(builder, out, spec, lambda part: f"features.{next(number)}")
            out = _pool(builder, out, f"features.{next(number)}", _HALVING)
    return out


def _head(builder: GraphBuilder, source: str, spec: NetSpec, *, vgg: bool) -> str:
    """avgpool, flatten, fc; or flatten and VGG's classifier.0 ... classifier.6."""
    number = count()
    out = source
    with builder.stage("fc"):
        parts = spec.head.parts
        if parts and isinstance(parts[0], AveragePool):
            out = builder.add("avgpool", AdaptiveAvgPool2d(parts[0].size), out)
            parts = parts[1:]
        out = builder.add("flatten", Flatten(), out)
        for part in parts:
            if isinstance(part, Hidden):
                fc = Linear(builder.shape(out)[0], part.features)
                out = builder.add(f"classifier.{next(number)}", fc, out)
                out = activation(builder, out, f"classifier.{next(number)}", spec)
            elif isinstance(part, Drop):
                out = builder.add(f"classifier.{next(number)}", Dropout(part.p), out)
        last = f"classifier.{next(number)}" if vgg or parts else "fc"
        return builder.add(last, Linear(builder.shape(out)[0], spec.classes), out)
