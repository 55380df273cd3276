"""The blocks of a net as classes of a PyTorch file: one class a kind of block, its numbers the class's arguments."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import nn

from resviz.nets.block_types import BLOCKS
from resviz.training import modules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.graph import Graph, Layer

OWN: tuple[type[nn.Module], ...] = (modules.Add, modules.Concat, modules.Crop, modules.Join)
OWN += (modules.PyramidPool2d, modules.RegionPool2d, modules.HighwaySum, modules.PadShortcut)
"""The modules that torch hasn't."""
_DEFAULTS = (
    r"eps=1e-05|momentum=0\.1|affine=True|track_running_stats=True|dilation=1|ceil_mode=False|inplace=False|bias=True"
)
"""What torch writes of a module that is as torch makes it."""
_LONG, _MAX_NAMED = 90, 5
"""Characters of a signature that has a line of its own, and arguments of a call that are named."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


@dataclass(frozen=True)
class ModulePart:
    """A layer in its block: its name and its inputs' there ("" is what the block reads), and how it is made."""

    name: str
    made: str
    inputs: tuple[str, ...]
    on_shortcut: bool


@dataclass
class BlockClass:
    """Blocks of one structure: they differ in the numbers that become the class's arguments."""

    name: str
    members: list[tuple[ModulePart, ...]] = field(default_factory=list)


def construction(layer: Layer) -> str:
    """Return how a layer is made: torch's repr of it, short where both sides of a window are alike."""
    with torch.device("meta"):
        module = modules.MODULES[type(layer.op)](layer.op)
    if isinstance(module, modules.PadShortcut):
        return f"PadShortcut({module.stride}, {module.new_channels})"
    if isinstance(module, modules.Crop):
        return f"Crop({module.height}, {module.width})"
    if isinstance(module, modules.Join):
        return f"Join({len(module.shares)})"
    if isinstance(module, modules.RegionPool2d):
        return f"RegionPool2d({module.side})"
    if isinstance(module, modules.PyramidPool2d):
        return f"PyramidPool2d({', '.join(map(str, module.levels))})"
    text = re.sub(r"\((\d+), \1\)", r"\1", repr(module))
    if isinstance(module, nn.AvgPool2d) and module.ceil_mode:  # torch's own text leaves it out
        text = text.removesuffix(")") + ", ceil_mode=True)"
    text = re.sub(f", ({_DEFAULTS})", "", text)
    text = re.sub(r"PReLU\(num_parameters=", "PReLU(", text)
    text = text.replace("(inplace=False)", "()").replace("(start_dim=1, end_dim=-1)", "()")
    return text if isinstance(module, OWN) else f"nn.{text}"


def _blocks(graph: Graph) -> dict[str, list[Layer]]:
    blocks: dict[str, list[Layer]] = {}
    for layer in graph.layers:
        if layer.block:
            blocks.setdefault(layer.block, []).append(layer)
    return blocks


def block_parts(block: str, layers: list[Layer]) -> tuple[ModulePart, ...]:
    """Return the modules of a block, named without the block's own name."""
    names = {layer.name for layer in layers}

    def inner(name: str) -> str:
        return name.removeprefix(f"{block}.") if name in names else ""

    return tuple(
        ModulePart(inner(layer.name), construction(layer), tuple(map(inner, layer.inputs)), layer.on_shortcut)
        for layer in layers
    )


def _structure(parts: tuple[ModulePart, ...]) -> tuple[object, ...]:
    return tuple((part.name, _NUMBER.sub("#", part.made), part.inputs) for part in parts)


def block_classes(graph: Graph) -> dict[tuple[object, ...], BlockClass]:
    """Return the classes that the blocks need. Blocks of the same structure share a class."""
    kinds: dict[tuple[object, ...], BlockClass] = {}
    for block, layers in _blocks(graph).items():
        parts = block_parts(block, layers)
        structure = _structure(parts)
        if structure not in kinds:
            taken = {kind.name for kind in kinds.values()}
            name = "AuxiliaryClassifier" if layers[0].auxiliary else _block_name(layers[0].block_type, parts)
            kinds[structure] = BlockClass(free_name(name, taken))
        kinds[structure].members.append(parts)
    return kinds


def _block_name(block_type: str, parts: tuple[ModulePart, ...]) -> str:
    """Name the class as the block declares it, with what its shortcut does.

    A block of branches belongs to no registered block: it is an Inception module.
    """
    if block_type not in BLOCKS:
        return "InceptionModule"
    name = BLOCKS[block_type].class_name
    if any(part.made.startswith("PadShortcut") for part in parts):
        return f"{name}WithPadding"
    return f"{name}WithProjection" if any("downsample" in part.name for part in parts) else name


def free_name(name: str, taken: set[str]) -> str:
    """Return the name, with the first number that makes it unused if necessary."""
    return name if name not in taken else next(f"{name}{n}" for n in range(2, 99) if f"{name}{n}" not in taken)


def _arguments(kind: BlockClass) -> tuple[list[str], list[str], list[list[int]]]:
    """Return the class's arguments.

    Its layers with them in the place of their numbers; and each member's values for them.

    A number that all blocks have alike stays one; numbers that are equal to each other in every block are one argument.
    """
    columns: dict[tuple[int, ...], str] = {}
    written = []
    for at, part in enumerate(kind.members[0]):
        numbers = [[int(number) for number in _NUMBER.findall(member[at].made)] for member in kind.members]
        pieces = _NUMBER.split(part.made)
        text = pieces[0]
        for place, piece in enumerate(pieces[1:]):
            values = tuple(own[place] for own in numbers)
            if len(set(values)) == 1:
                text += str(values[0])
            else:
                if values not in columns:
                    columns[values] = free_name(_argument_name(text, place, part), set(columns.values()))
                text += columns[values]
            text += piece
        written.append(text)
    members = [[values[index] for values in columns] for index in range(len(kind.members))]
    names = list(columns.values())
    renamed = _papers_words(kind.members[0], names, written)
    written = [re.sub(r"\b\w+\b(?!=)", lambda word: renamed.get(word[0], word[0]), text) for text in written]
    names = [renamed.get(name, name) for name in names]
    return names, written, members


def _papers_words(parts: tuple[ModulePart, ...], names: list[str], written: list[str]) -> dict[str, str]:
    """Of a bottleneck the paper gives the width, and what comes out: the filters of its last convolution."""
    convolutions = [
        text for part, text in zip(parts, written, strict=True) if not part.on_shortcut and ".Conv2d(" in text
    ]
    last = convolutions[-1].split(", ")[1] if convolutions else ""
    if "out_channels" not in names or last == "out_channels":
        return {}
    return {"out_channels": "width"} | ({last: "out_channels"} if last in names and last != "in_channels" else {})


def _argument_name(before: str, place: int, part: ModulePart) -> str:
    """Return what a number is: named as torch names it, or by its place in the call."""
    keyword = re.search(r"(\w+)=$", before)
    if keyword:
        return keyword[1]
    if part.made.startswith("PadShortcut"):
        return ("stride", "new_channels")[place]
    branch = re.match(r"(branch\d+)(?:\.(\d+))?", part.name)
    if branch and place == 1:
        return "_".join(name for name in branch.groups() if name)
    return ("in_channels", "out_channels")[place] if place < 2 else f"number_{place}"


def class_source(kind: BlockClass) -> str:
    """Return the source code of a block's class."""
    arguments, written, _ = _arguments(kind)
    signature = ", ".join(["self", *(f"{name}: int" for name in arguments)])
    if len(signature) > _LONG:
        wrapped = textwrap.fill(signature, _LONG, initial_indent=" " * 8, subsequent_indent=" " * 8)
        signature = f"\n{wrapped}\n    "
    lines = [
        f"class {kind.name}(nn.Module):",
        f"    def __init__({signature}) -> None:",
        "        super().__init__()",
    ]
    parts = kind.members[0]
    for name, inner in groupby(zip(parts, written, strict=True), key=lambda pair: pair[0].name.partition(".")[0]):
        entries = [(part.name.removeprefix(name).removeprefix("."), text) for part, text in inner]
        made = _nested(entries, "        ")
        lines += f"        self.{name} = {made}".splitlines()
    lines += ["", "    def forward(self, x: Tensor) -> Tensor:", *_forward(parts)]
    return "\n".join(lines)


def _nested(entries: list[tuple[str, str]], indent: str) -> str:
    """Return how a module is made.

    What its one entry says, or a sequence of what stands under its numbers, or its names.
    """
    if entries[0][0] == "":
        return entries[0][1]
    within = indent + "    "
    children: list[tuple[str, str]] = []
    for child, inner in groupby(entries, key=lambda entry: entry[0].partition(".")[0]):
        below = [(name.removeprefix(child).removeprefix("."), made) for name, made in inner]
        children.append((child, _nested(below, within)))
    if [child for child, _ in children] == [str(number) for number in range(len(children))]:
        return "\n".join(["nn.Sequential(", *(f"{within}{made}," for _, made in children), f"{indent})"])
    named = [f'{within}("{child}", {made}),' for child, made in children]
    return "\n".join(["nn.Sequential(OrderedDict([", *named, f"{indent}]))"])


class CodeStep(NamedTuple):
    """A line of a forward pass: what is called, on whose values, whose value comes of it, and the variable it wants."""

    call: str
    inputs: tuple[str, ...]
    result: str
    variable: str


def _forward(parts: tuple[ModulePart, ...]) -> list[str]:
    """Return a block's forward pass, a line a layer."""
    steps = []
    for name, inner in groupby(parts, key=lambda part: part.name.partition(".")[0]):
        found = list(inner)
        steps.append(CodeStep(name, found[0].inputs, found[-1].name, "shortcut" if found[0].on_shortcut else "out"))
    *lines, last = code_lines(steps, "", ())[0]
    return [*lines, "        return " + last.partition(" = ")[2]]


def code_lines(steps: list[CodeStep], given: str, wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the steps as lines of code, and the variables that hold the `wanted` values after them.

    x is `given`. A variable is used again once nobody reads its value any more, as a person would write it.
    """
    last_read = {source: at for at, step in enumerate(steps) for source in step.inputs}
    last_read |= dict.fromkeys(wanted, len(steps))
    held = {"x": given}  # variable: whose value it is
    variables = {given: "x"}
    lines = []
    for at, step in enumerate(steps):
        busy = {variable for variable, value in held.items() if last_read.get(value, -1) > at}
        target = free_name(step.variable, busy)
        lines.append(f"        {target} = self.{step.call}({', '.join(variables[source] for source in step.inputs)})")
        held[target] = step.result
        variables[step.result] = target
    return lines, [variables[value] for value in wanted]


def class_calls(kinds: dict[tuple[object, ...], BlockClass]) -> dict[tuple[ModulePart, ...], str]:
    """Return the call that makes each block."""
    calls = {}
    for kind in kinds.values():
        arguments, _, members = _arguments(kind)
        for member, values in zip(kind.members, members, strict=True):
            named = [f"{name}={value}" for name, value in zip(arguments, values, strict=True)]
            given = ", ".join(named if len(named) <= _MAX_NAMED else map(str, values))
            calls[member] = f"{kind.name}({given})"
    return calls
