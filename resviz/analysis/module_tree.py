"""A graph as its author wrote it: modules inside modules, and runs of modules that are alike.

Modules are read from the names of layers: "encoder.layer0.mlp" is in "encoder.layer0", and that is in "encoder".
A module that holds nothing but one other is left out, and so is one of a single layer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resviz.nets.graph import Graph, Layer


@dataclass(frozen=True)
class Module:
    """What a net does in one module; `path` is "" for the whole net.

    `parts` are in the order of their first calls, `layers` the names of all layers inside, in the order of the graph.
    """

    path: str
    parts: tuple[Part, ...]
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Repeat:
    """Modules of one structure, each of which reads the one before: they are drawn once, with their number."""

    modules: tuple[Module, ...]

    @property
    def path(self) -> str:
        """The first module's path and the last one's: no module has such a name."""
        return f"{self.modules[0].path} … {self.modules[-1].path}"

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of all layers inside."""
        return tuple(name for module in self.modules for name in module.layers)


Part: TypeAlias = "str | Module | Repeat"
"""The name of a layer, or what has layers inside."""


@dataclass(frozen=True)
class ModuleTree:
    """The modules of a graph."""

    graph: Graph
    root: Module

    @cached_property
    def parents(self) -> dict[str, Module]:
        """The module around each module, by its path."""
        return {inner.path: outer for outer in self.modules() for part in outer.parts for inner in modules_of(part)}

    @cached_property
    def around(self) -> dict[str, Module]:
        """The innermost module of each layer."""
        return {part: module for module in self.modules() for part in module.parts if isinstance(part, str)}

    def modules(self) -> Iterator[Module]:
        """Yield every module, an outer one before those in it."""
        waiting = [self.root]
        while waiting:
            module = waiting.pop()
            yield module
            waiting += [inner for part in module.parts for inner in modules_of(part)]

    def repeats(self) -> Iterator[Repeat]:
        """Yield every run of modules that are alike."""
        for module in self.modules():
            yield from (part for part in module.parts if isinstance(part, Repeat))

    def chain(self, layer: str) -> list[Module]:
        """Return the modules around a layer, the innermost first, without the whole net."""
        found = []
        module = self.around[layer]
        while module.path:
            found.append(module)
            module = self.parents[module.path]
        return found


def modules_of(part: Part) -> tuple[Module, ...]:
    """Return the modules that a part is: none of a layer, several of a run."""
    if isinstance(part, str):
        return ()
    return part.modules if isinstance(part, Repeat) else (part,)


def layers_of(part: Part) -> tuple[str, ...]:
    """Return the names of a part's layers."""
    return (part,) if isinstance(part, str) else part.layers


def module_tree(graph: Graph) -> ModuleTree:
    """Return a graph's modules."""
    outline = _Outline("")
    for layer in graph.layers:
        inner = outline
        parts = layer.name.split(".")
        for depth in range(1, len(parts)):
            inner = inner.inside(".".join(parts[:depth]))
        inner.parts.append(layer.name)
    return ModuleTree(graph, _Reading(graph).module(outline))


@dataclass
class _Outline:
    """A module that is being read."""

    path: str
    parts: list[str | _Outline] = field(default_factory=list)
    by_path: dict[str, _Outline] = field(default_factory=dict)

    def inside(self, path: str) -> _Outline:
        if path not in self.by_path:
            self.by_path[path] = _Outline(path)
            self.parts.append(self.by_path[path])
        return self.by_path[path]


class _Reading:
    """Makes modules of outlines, and finds those that are alike."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._places = {layer.name: place for place, layer in enumerate(graph.layers)}
        self._what = {layer.name: _what(graph, layer) for layer in graph.layers}

    def module(self, outline: _Outline) -> Module:
        """Return a module with all that is in it."""
        parts = [self._part(part) for part in outline.parts]
        layers = sorted((name for part in parts for name in layers_of(part)), key=self._places.__getitem__)
        return Module(outline.path, tuple(self._with_repeats(parts)), tuple(layers))

    def _part(self, part: str | _Outline) -> str | Module:
        if isinstance(part, str):
            return part
        while len(part.parts) == 1:
            only = part.parts[0]
            if isinstance(only, str):
                return only
            part = only
        return self.module(part)

    def _with_repeats(self, parts: Sequence[str | Module]) -> list[Part]:
        """Return the parts with runs of modules that are alike put together."""
        found: list[Part] = []
        run: list[Module] = []
        structure: Any = None
        for part in parts:
            own = None if isinstance(part, str) else self._structure(part)
            if run and isinstance(part, Module) and own == structure and self._continues(run, part):
                run.append(part)
                continue
            self._close(run, found)
            structure = own
            run = [part] if isinstance(part, Module) else []
            if isinstance(part, str):
                found.append(part)
        self._close(run, found)
        return found

    def _close(self, run: Sequence[Module], found: list[Part]) -> None:
        """Add a run to what was found; where somebody reads from its middle, it is several."""
        kept: list[Module] = []
        for number, module in enumerate(run):
            kept.append(module)
            following = run[number + 1].layers if number + 1 < len(run) else ()
            inside = {*module.layers, *following}
            readers = (reader for name in module.layers for reader in self._graph.consumers[name])
            if number + 1 == len(run) or any(reader.name not in inside for reader in readers):
                found.append(kept[0] if len(kept) == 1 else Repeat(tuple(kept)))
                kept = []

    def _structure(self, module: Module) -> tuple[Any, ...]:
        """Return what two modules that are alike have in common: what is done, and what reads what."""
        places = {name: place for place, name in enumerate(module.layers)}
        return tuple(
            (self._what[name], tuple(places.get(source, -1) for source in self._graph[name].inputs))
            for name in module.layers
        )

    def _continues(self, run: Sequence[Module], module: Module) -> bool:
        """Return whether a module reads the last of a run as that does the one before it, and else what all read."""
        last = run[-1]
        reads = self._reads(module, last)
        if not any(isinstance(source, int) for source in reads):
            return False
        if len(run) > 1:
            return reads == self._reads(last, run[-2])
        own = set(last.layers)
        first = [name for layer in last.layers for name in self._graph[layer].inputs if name not in own]
        return all(isinstance(source, int) or source == at_first for source, at_first in zip(reads, first, strict=True))

    def _reads(self, module: Module, before: Module) -> list[int | str]:
        """Return what a module reads from outside: places of layers in the module before it, or names of others."""
        places = {name: place for place, name in enumerate(before.layers)}
        own = set(module.layers)
        return [
            places.get(name, name) for layer in module.layers for name in self._graph[layer].inputs if name not in own
        ]


def _what(graph: Graph, layer: Layer) -> tuple[Any, ...]:
    return layer.op.kind, layer.op.label(), layer.shape, graph.parameters(layer), graph.multiply_adds(layer)
