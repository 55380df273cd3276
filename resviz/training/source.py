"""Graph -> a PyTorch file to be read: one class a kind of block, the net as a sequence of them, torch alone to run it.

Each layer is written as torch's own repr of the module that is trained, each wiring as the graph has it, and the three
modules that torch hasn't (`Add`, `HighwaySum`, `PadShortcut`) as they stand in `modules.py`. So the file's state dict
has the graph's keys, and with the same weights its output is the same.
"""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import torch
from torch import nn

from resviz.nets.graph import Graph, Layer
from resviz.training import modules

_OWN = (modules.Add, modules.HighwaySum, modules.PadShortcut)
_DEFAULTS = (
    r"eps=1e-05|momentum=0\.1|affine=True|track_running_stats=True|dilation=1|ceil_mode=False|inplace=False|bias=True"
)
"""What torch writes of a module that is as torch makes it."""
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


@dataclass(frozen=True)
class _Part:
    """A layer in its block: its name and its inputs' there ("" is what the block reads), and how it is made."""

    name: str
    made: str
    inputs: tuple[str, ...]
    on_shortcut: bool


@dataclass
class _Kind:
    """Blocks of one structure: they differ in the numbers that become the class's arguments."""

    name: str
    members: list[tuple[_Part, ...]] = field(default_factory=list)


def source(graph: Graph, title: str, about: Sequence[str]) -> str:
    """The file's text. `title` names the net and its class; `about` are lines for the docstring."""
    title, about = _plain(title), [_plain(line) for line in about]
    kinds = _kinds(graph)
    name = _class_name(title, {kind.name for kind in kinds.values()})
    classes = [_class(kind) for kind in kinds.values()]
    own = [inspect.getsource(cls).rstrip() for cls in _OWN if any(_uses(layer, cls) for layer in graph.layers)]
    net = _net(graph, name, kinds)
    head = "\n".join(('"""' + title, "", *about, '"""'))
    imports = "from __future__ import annotations\n\nimport torch\nfrom torch import Tensor, nn"
    if any("functional" in text for text in own):
        imports += "\nfrom torch.nn import functional"
    if "OrderedDict" in net:
        imports = imports.replace("import torch\n", "from collections import OrderedDict\n\nimport torch\n", 1)
    shape = ", ".join(map(str, graph.input_shape))
    main = (
        'if __name__ == "__main__":\n'
        f"    net = {name}()\n"
        f"    image = torch.randn(2, {shape})\n"
        '    print(tuple(net(image).shape), sum(p.numel() for p in net.parameters()), "parameters")'
    )
    return "\n\n\n".join((f"{head}\n\n{imports}", *own, *classes, net, main)) + "\n"


def _uses(layer: Layer, cls: type[nn.Module]) -> bool:
    return type(layer.op).__name__ == cls.__name__


def _made(layer: Layer) -> str:
    """How a layer is made: torch's repr of it, short where both sides of a window are alike."""
    with torch.device("meta"):
        module = modules.MODULES[type(layer.op)](layer.op)
    if isinstance(module, modules.PadShortcut):
        return f"PadShortcut({module.stride}, {module.new_channels})"
    text = re.sub(r"\((\d+), \1\)", r"\1", repr(module))
    text = re.sub(f", ({_DEFAULTS})", "", text)
    text = re.sub(r"PReLU\(num_parameters=", "PReLU(", text)
    text = text.replace("(inplace=False)", "()").replace("(start_dim=1, end_dim=-1)", "()")
    return text if isinstance(module, _OWN) else f"nn.{text}"


def _blocks(graph: Graph) -> dict[str, list[Layer]]:
    blocks: dict[str, list[Layer]] = {}
    for layer in graph.layers:
        if layer.block:
            blocks.setdefault(layer.block, []).append(layer)
    return blocks


def _parts(block: str, layers: list[Layer]) -> tuple[_Part, ...]:
    names = {layer.name for layer in layers}

    def inner(name: str) -> str:
        return name.removeprefix(f"{block}.") if name in names else ""

    return tuple(
        _Part(inner(layer.name), _made(layer), tuple(map(inner, layer.inputs)), layer.on_shortcut) for layer in layers
    )


def _structure(parts: tuple[_Part, ...]) -> tuple[object, ...]:
    return tuple((part.name, _NUMBER.sub("#", part.made), part.inputs) for part in parts)


def _kinds(graph: Graph) -> dict[tuple[object, ...], _Kind]:
    kinds: dict[tuple[object, ...], _Kind] = {}
    for block, layers in _blocks(graph).items():
        parts = _parts(block, layers)
        structure = _structure(parts)
        if structure not in kinds:
            taken = {kind.name for kind in kinds.values()}
            kinds[structure] = _Kind(_free(_block_name(parts), taken))
        kinds[structure].members.append(parts)
    return kinds


def _block_name(parts: tuple[_Part, ...]) -> str:
    made = " ".join(part.made for part in parts)
    if "HighwaySum" in made:
        return "HighwayBlock"
    if "Add" not in made:
        return "PlainBlock"
    if "PadShortcut" in made:
        return "ResidualBlockWithPadding"
    return "ResidualBlockWithProjection" if any("downsample" in part.name for part in parts) else "ResidualBlock"


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else next(f"{name}{n}" for n in range(2, 99) if f"{name}{n}" not in taken)


def _arguments(kind: _Kind) -> tuple[list[str], list[str], list[list[int]]]:
    """The class's arguments; its layers with them in the place of their numbers; and each member's values for them.

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
                    columns[values] = _free(_argument_name(text, place, part), set(columns.values()))
                text += columns[values]
            text += piece
        written.append(text)
    members = [[values[index] for values in columns] for index in range(len(kind.members))]
    names = list(columns.values())
    renamed = _papers_words(kind.members[0], names, written)
    written = [re.sub(r"\b\w+\b(?!=)", lambda word: renamed.get(word[0], word[0]), text) for text in written]
    names = [renamed.get(name, name) for name in names]
    return names, written, members


def _papers_words(parts: tuple[_Part, ...], names: list[str], written: list[str]) -> dict[str, str]:
    """Of a bottleneck the paper gives the width, and what comes out: the filters of its last convolution."""
    convolutions = [
        text for part, text in zip(parts, written, strict=True) if not part.on_shortcut and ".Conv2d(" in text
    ]
    last = convolutions[-1].split(", ")[1] if convolutions else ""
    if "out_channels" not in names or last == "out_channels":
        return {}
    return {"out_channels": "width"} | ({last: "out_channels"} if last in names and last != "in_channels" else {})


def _argument_name(before: str, place: int, part: _Part) -> str:
    """What a number is: named as torch names it, or by its place in the call."""
    keyword = re.search(r"(\w+)=$", before)
    if keyword:
        return keyword[1]
    if part.made.startswith("PadShortcut"):
        return ("stride", "new_channels")[place]
    return ("in_channels", "out_channels")[place] if place < 2 else f"number_{place}"


def _class(kind: _Kind) -> str:
    arguments, written, _ = _arguments(kind)
    signature = "".join(f", {name}: int" for name in arguments)
    lines = [
        f"class {kind.name}(nn.Module):",
        f"    def __init__(self{signature}) -> None:",
        "        super().__init__()",
    ]
    parts = kind.members[0]
    for name, inner in groupby(zip(parts, written, strict=True), key=lambda pair: pair[0].name.partition(".")[0]):
        found = list(inner)
        if "." in found[0][0].name:
            inside = [f"            {text}," for _, text in found]
            lines += [f"        self.{name} = nn.Sequential(", *inside, "        )"]
        else:
            lines.append(f"        self.{name} = {found[0][1]}")
    lines += ["", "    def forward(self, x: Tensor) -> Tensor:", *_forward(parts)]
    return "\n".join(lines)


def _forward(parts: tuple[_Part, ...]) -> Iterator[str]:
    """One line a layer; a name is used again once nobody reads its value any more."""
    steps: list[tuple[str, tuple[str, ...], str, bool]] = []
    for name, inner in groupby(parts, key=lambda part: part.name.partition(".")[0]):
        found = list(inner)
        steps.append((name, found[0].inputs, found[-1].name, found[0].on_shortcut))
    last_read = {source: at for at, (_, inputs, _, _) in enumerate(steps) for source in inputs}
    held = {"x": ""}  # variable: whose value it is
    variables = {"": "x"}
    for at, (name, inputs, result, on_shortcut) in enumerate(steps):
        wanted = "shortcut" if on_shortcut else "out"
        busy = {variable for variable, value in held.items() if last_read.get(value, -1) > at}
        target = _free(wanted, busy)
        call = ", ".join(variables[source] for source in inputs)
        yield (
            f"        {target} = self.{name}({call})" if at < len(steps) - 1 else f"        return self.{name}({call})"
        )
        held[target] = result
        variables[result] = target


def _net(graph: Graph, name: str, kinds: dict[tuple[object, ...], _Kind]) -> str:
    """The class of the whole net: its top-level parts one after the other."""
    lines = [f"class {name}(nn.Module):", "    def __init__(self) -> None:", "        super().__init__()"]
    forward = []
    calls = _calls(kinds)
    for top, inner in groupby(graph.layers[1:], key=lambda layer: layer.name.partition(".")[0]):
        layers = list(inner)
        forward.append(f"        x = self.{top}(x)")
        if layers[0].name == top:
            lines.append(f"        self.{top} = {_made(layers[0])}")
        else:
            lines += _sequence(graph, top, layers, calls)
    lines += ["", "    def forward(self, x: Tensor) -> Tensor:", *forward, "        return x"]
    return "\n".join(lines)


def _calls(kinds: dict[tuple[object, ...], _Kind]) -> dict[tuple[_Part, ...], str]:
    """For each block, the call that makes it."""
    calls = {}
    for kind in kinds.values():
        arguments, _, members = _arguments(kind)
        for member, values in zip(kind.members, members, strict=True):
            given = ", ".join(f"{name}={value}" for name, value in zip(arguments, values, strict=True))
            calls[member] = f"{kind.name}({given})"
    return calls


def _sequence(graph: Graph, top: str, layers: list[Layer], calls: dict[tuple[_Part, ...], str]) -> list[str]:
    """A stage: its blocks, those that are alike in a row as one line; under their numbers, or their names if it has."""
    entries: list[tuple[str, str]] = []
    for child, inner in groupby(layers, key=lambda layer: layer.name.removeprefix(f"{top}.").partition(".")[0]):
        found = list(inner)
        block = found[0].block
        entries.append((child, calls[_parts(block, found)] if block else _made(found[0])))
    if [child for child, _ in entries] != [str(number) for number in range(len(entries))]:
        named = [f'            ("{child}", {made}),' for child, made in entries]
        return [f"        self.{top} = nn.Sequential(OrderedDict([", *named, "        ]))"]
    lines = []
    for made, alike in groupby(made for _, made in entries):
        times = len(list(alike))
        lines.append(f"            *({made} for _ in range({times}))," if times > 1 else f"            {made},")
    return [f"        self.{top} = nn.Sequential(", *lines, "        )"]


def _class_name(title: str, taken: set[str]) -> str:
    """ResNet-34, option B becomes ResNet34OptionB; no name that the file has already, nor one of Python's."""
    words = re.findall(r"[A-Za-z0-9]+", title)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    name = name if name[:1].isalpha() else f"Net{name}"
    used = taken | {cls.__name__ for cls in _OWN} | {"Tensor", "OrderedDict"} | set(keyword.kwlist)
    return _free(name, used)


def _plain(text: str) -> str:
    """What can stand in a docstring."""
    return "".join(sign if sign.isprintable() else " " for sign in text).replace("\\", "/").replace('"""', '"')
