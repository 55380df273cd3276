"""Graph -> a PyTorch file to be read: one class a kind of block, the net as a sequence of them, torch alone to run it.

Each layer is written as torch's own repr of the module that is trained, each wiring as the graph has it, and the
modules that torch hasn't (`Add`, `Concat`, `Join` ...) as they stand in `modules.py`. So the file's state dict has the
graph's keys, and with the same weights its output is the same.
"""

from __future__ import annotations

import inspect
import keyword
import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from resviz.training.export.pytorch_blocks import (
    OWN,
    BlockClass,
    CodeStep,
    ModulePart,
    block_classes,
    block_parts,
    class_calls,
    class_source,
    code_lines,
    construction,
    free_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resviz.nets.graph import Graph, Layer


def source(graph: Graph, title: str, about: Sequence[str]) -> str:
    """Return the file's text. `title` names the net and its class; `about` are lines for the docstring."""
    title, about = _plain(title), [_plain(line) for line in about]
    kinds = block_classes(graph)
    name = _class_name(title, {kind.name for kind in kinds.values()})
    classes = [class_source(kind) for kind in kinds.values()]
    net = _net(graph, name, kinds)
    made = "\n".join((net, *classes))
    own = [_class_text(cls) for cls in OWN if re.search(rf"(?<![\w.]){cls.__name__}\(", made)]
    head = "\n".join(('"""' + title, "", *about, '"""'))
    imports = "from __future__ import annotations\n\nimport torch\nfrom torch import Tensor, nn"
    if any("functional" in text for text in own):
        imports += "\nfrom torch.nn import functional"
    if "OrderedDict" in made:
        imports = imports.replace("import torch\n", "from collections import OrderedDict\n\nimport torch\n", 1)
    shape = ", ".join(map(str, graph.input_shape))
    main = (
        'if __name__ == "__main__":\n'
        f"    net = {name}()\n"
        f"    image = torch.randn(2, {shape})\n"
        + ("    scores = net(image)\n" if len(graph.outputs) == 1 else "    scores, *_ = net(image)\n")
        + '    print(tuple(scores.shape), sum(p.numel() for p in net.parameters()), "parameters")'
    )
    return "\n\n\n".join((f"{head}\n\n{imports}", *own, *classes, net, main)) + "\n"


def _net(graph: Graph, name: str, kinds: dict[tuple[object, ...], BlockClass]) -> str:
    """Return the class of the whole net: its top-level parts one after the other."""
    lines = [f"class {name}(nn.Module):", "    def __init__(self) -> None:", "        super().__init__()"]
    calls = class_calls(kinds)
    runs = [(top, part) for top, run in groupby(graph.layers[1:], key=_top) for part in _parted(graph, list(run))]
    members: dict[str, list[Layer]] = {}
    for top, run in runs:
        members.setdefault(top, []).extend(run)
    for top, layers in members.items():
        if layers[0].name == top:
            lines.append(f"        self.{top} = {construction(layers[0])}")
        elif layers[0].block == top:
            lines.append(f"        self.{top} = {calls[block_parts(top, layers)]}")
        else:
            lines += _sequence(graph, top, layers, calls)
    often = {top for top, number in Counter(top for top, _ in runs).items() if number > 1}
    steps = [
        CodeStep(_slice(top, run, members[top]) if top in often else top, run[0].inputs, run[-1].name, "x")
        for top, run in runs
    ]
    passed, results = code_lines(steps, graph.layers[0].name, [layer.name for layer in graph.outputs])
    kind = "Tensor" if len(results) == 1 else f"tuple[{', '.join(['Tensor'] * len(results))}]"
    lines += ["", f"    def forward(self, x: Tensor) -> {kind}:", *passed, f"        return {', '.join(results)}"]
    return "\n".join(lines)


def _top(layer: Layer) -> str:
    return layer.name.partition(".")[0]


def _parted(graph: Graph, run: list[Layer]) -> Iterator[list[Layer]]:
    """Return the layers of a sequence in parts. A part ends with a layer that others read besides the next one."""
    part: list[Layer] = []
    for layer, following in zip(run, [*run[1:], None], strict=True):
        part.append(layer)
        if following is None or not _goes_on(graph, layer, following):
            yield part
            part = []


def _goes_on(graph: Graph, layer: Layer, following: Layer) -> bool:
    """Return whether `following` stands in one sequence with a layer: it, or its block, is all that reads the layer."""
    if layer.block and following.block == layer.block:
        return True
    readers = [reader for reader in graph.consumers[layer.name] if not layer.block or reader.block != layer.block]
    in_its_block = [reader for reader in readers if reader is following or reader.block == following.block != ""]
    return bool(readers) and len(in_its_block) == len(readers)


def _slice(top: str, run: list[Layer], members: list[Layer]) -> str:
    """Return the part of a sequence that a run of its layers is."""
    children = list(dict.fromkeys(_child(top, layer) for layer in members))
    first, last = (children.index(_child(top, layer)) for layer in (run[0], run[-1]))
    return f"{top}[{first}]" if first == last else f"{top}[{first}:{last + 1}]"


def _child(top: str, layer: Layer) -> str:
    return layer.name.removeprefix(f"{top}.").partition(".")[0]


def _sequence(graph: Graph, top: str, layers: list[Layer], calls: dict[tuple[ModulePart, ...], str]) -> list[str]:
    """Return a stage.

    Its blocks, those that are alike in a row as one line; under their numbers, or their names if it has.
    """
    entries: list[tuple[str, str]] = []
    for child, inner in groupby(layers, key=lambda layer: _child(top, layer)):
        found = list(inner)
        block = found[0].block
        entries.append((child, calls[block_parts(block, found)] if block else construction(found[0])))
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
    used = taken | {cls.__name__ for cls in OWN} | {"Tensor", "OrderedDict"} | set(keyword.kwlist)
    return free_name(name, used)


def _class_text(cls: type) -> str:
    """Return the source of one of our modules. `@override` stays here: the file imports torch alone."""
    return inspect.getsource(cls).replace("    @override\n", "").rstrip()


def _plain(text: str) -> str:
    """Return what can stand in a docstring."""
    return "".join(sign if sign.isprintable() else " " for sign in text).replace("\\", "/").replace('"""', '"')
