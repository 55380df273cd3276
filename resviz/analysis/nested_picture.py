"""Which boxes and frames show a net of modules, when some of them are open.

A closed module is one box, an open one a frame around what it does. A run of modules that are alike is drawn once, with
their number. Lines that would cross much of the picture are words in the box that they lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from resviz.analysis.module_tree import Module, ModuleTree, Repeat, modules_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resviz.analysis.module_tree import Part
    from resviz.nets.graph import Layer

MANY_READERS = 8
"""A box that more than so many others read is named in them, without lines."""
LONG = 30
"""So is one that is read by a box this many boxes further on, along the longest path."""
FIRST_BOXES = 32
"""So many boxes may be open at first."""
Cost = Callable[[Sequence["Layer"]], str]


@dataclass(frozen=True)
class Node:
    """A box: a layer, or a closed module with what it costs as a second line.

    `layers` are those that it stands for. `opens` is what has to be opened to see what is inside, "" for a layer.
    `frame` is the index of the frame around it, -1 for none. `times` is how many modules of one structure it stands
    for, and `run` what has to be opened to see each of them. `copies` is how many layers of a run that is drawn once it
    stands for at each of its own. `reads` names boxes that it reads without a line.
    """

    title: str
    layers: tuple[str, ...]
    frame: int
    opens: str = ""
    note: str = ""
    times: int = 1
    run: str = ""
    copies: int = 1
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Frame:
    """An open module; `key` is what has to be closed to see it as one box, `outer` the index of the frame around it."""

    key: str
    title: str
    layers: tuple[str, ...]
    outer: int
    times: int = 1
    run: str = ""


@dataclass(frozen=True)
class NestedPicture:
    """Boxes, frames, and lines from box to box."""

    nodes: tuple[Node, ...]
    frames: tuple[Frame, ...]
    edges: tuple[tuple[int, int], ...]

    @cached_property
    def places(self) -> dict[str, int]:
        """The box that has each layer."""
        return {layer: index for index, node in enumerate(self.nodes) for layer in node.layers}


def draw(tree: ModuleTree, opened: Set[str], cost: Cost) -> NestedPicture:
    """Return the picture of a net with these modules open. `cost` words what some layers cost, in one line."""
    return _Drawing(tree, opened, cost).picture()


def levels(tree: ModuleTree) -> list[frozenset[str]]:
    """Return what is open when nothing is, when modules are open to a depth of 1, and so on to the deepest."""
    found: list[frozenset[str]] = [frozenset()]
    modules = _inner(tree.root)
    while modules:
        found.append(found[-1] | {module.path for module in modules})
        modules = [inner for module in modules for inner in _inner(module)]
    return found


def _inner(module: Module) -> list[Module]:
    return [inner for part in module.parts for inner in modules_of(part)]


def first_opened(tree: ModuleTree) -> frozenset[str]:
    """Return what is open at first: as many levels as can be looked at."""
    best = frozenset[str]()
    for opened in levels(tree):
        if count_boxes(tree, opened) > FIRST_BOXES:
            break
        best = opened
    return best


def count_boxes(tree: ModuleTree, opened: Set[str]) -> int:
    """Return how many boxes a picture would have."""
    return sum(1 for _part, _frame in _visible(tree.root, opened))


def _visible(module: Module, opened: Set[str]) -> Iterator[tuple[Part, Module]]:
    """Yield what is one box each, with the module around it."""
    for part in module.parts:
        if isinstance(part, Repeat) and part.path in opened:
            for one in part.modules:
                yield from _visible(one, opened) if one.path in opened else [(one, module)]
        elif not isinstance(part, str) and modules_of(part)[0].path in opened:
            yield from _visible(modules_of(part)[0], opened)
        else:
            yield part, module


class _Drawing:
    def __init__(self, tree: ModuleTree, opened: Set[str], cost: Cost) -> None:
        self._tree, self._opened, self._cost = tree, opened, cost
        self._nodes: list[Node] = []
        self._frames: list[Frame] = []
        self._shown: dict[str, str] = {}
        """For layers of runs that are drawn once, the layer in their place."""

    def picture(self) -> NestedPicture:
        """Return the boxes, in the order of the graph, with their lines."""
        self._inside(self._tree.root, -1)
        graph = self._tree.graph
        order = {layer.name: place for place, layer in enumerate(graph.layers)}
        self._nodes.sort(key=lambda node: order[node.layers[0]])
        places = {layer: index for index, node in enumerate(self._nodes) for layer in node.layers}
        edges: dict[tuple[int, int], None] = {}
        for layer in graph.layers:
            if layer.name in self._shown:
                continue  # what it reads is drawn at the first module of its run
            for source in layer.inputs:
                ends = places[self._stand_in(source)], places[layer.name]
                if ends[0] != ends[1]:
                    edges[ends] = None
        drawn = self._lines(list(edges))
        return NestedPicture(tuple(self._nodes), tuple(self._frames), drawn)

    def _stand_in(self, layer: str) -> str:
        while layer in self._shown:
            layer = self._shown[layer]
        return layer

    def _inside(self, module: Module, frame: int) -> None:
        for part in module.parts:
            if isinstance(part, Repeat) and part.path in self._opened:
                title = _short(part.path, module.path)
                self._frames.append(Frame(part.path, title, part.layers, frame))
                inner = len(self._frames) - 1
                for one in part.modules:
                    self._part(one, module, inner)
            else:
                self._part(part, module, frame)

    def _part(self, part: Part, around: Module, frame: int) -> None:
        if isinstance(part, str):
            label = self._tree.graph[part].op.label()
            name = _short(part, around.path)
            self._nodes.append(Node(name if name == label else f"{name}: {label}", (part,), frame))
            return
        modules = modules_of(part)
        first, times = modules[0], len(modules)
        title, run = _short(part.path, around.path), part.path if times > 1 else ""
        if first.path not in self._opened:
            note = self._cost([self._tree.graph[name] for name in part.layers])
            self._nodes.append(Node(title, part.layers, frame, first.path, note, times, run))
            return
        self._frames.append(Frame(first.path, title, part.layers, frame, times, run))
        for other in modules[1:]:
            self._shown |= dict(zip(other.layers, first.layers, strict=True))
        before = len(self._nodes)
        self._inside(first, len(self._frames) - 1)
        if times > 1:  # each box stands for its layers in all modules of the run
            columns = {name: [m.layers[at] for m in modules] for at, name in enumerate(first.layers)}
            for index in range(before, len(self._nodes)):
                node = self._nodes[index]
                layers = tuple(name for own in node.layers for name in columns.get(own, [own]))
                ordered = tuple(sorted(layers, key=_order(node.layers)))
                self._nodes[index] = replace(node, layers=ordered, copies=node.copies * times)

    def _lines(self, edges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Return the edges that are drawn. The others are named in the boxes that they lead to."""
        readers: dict[int, int] = {}
        depths = [0] * len(self._nodes)
        for start, end in sorted(edges, key=lambda edge: edge[1]):
            readers[start] = readers.get(start, 0) + 1
            if start < end:
                depths[end] = max(depths[end], depths[start] + 1)
        drawn, named = [], dict[int, list[str]]()
        for start, end in edges:
            far = abs(depths[end] - depths[start]) > LONG
            if far or (readers[start] > MANY_READERS and depths[end] - depths[start] > 1):
                named.setdefault(end, []).append(self._nodes[start].title.partition(":")[0])
            else:
                drawn.append((start, end))
        for end, names in named.items():
            self._nodes[end] = replace(self._nodes[end], reads=tuple(names))
        return tuple(drawn)


def _order(first: Sequence[str]) -> Callable[[str], bool]:
    """Return a key that puts these names first: a box is known by the layer in the first module of a run."""
    known = set(first)
    return lambda name: name not in known


def _short(path: str, around: str) -> str:
    """Return a path without that of the module around it."""
    prefix = f"{around}."
    return " … ".join(part.removeprefix(prefix) for part in path.split(" … ")) if around else path
