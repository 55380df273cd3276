"""A net in a notebook: its totals, and its modules as a tree that folds. One piece of HTML, without scripts."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.nets.graph import Graph, Layer

MAX_LAYERS = 2000
"""Layers that are listed; of larger nets only the modules are."""
_OPEN = 1
"""Levels of the tree that are open at first."""


@dataclass
class _Module:
    name: str
    layers: list[Layer] = field(default_factory=list)
    inside: dict[str, _Module] = field(default_factory=dict)
    parameters: int = 0
    multiply_adds: int = 0


picture_of: Callable[[Graph], str] | None = None
"""What draws the small picture, as SVG. `import resviz` sets it: a graph knows nothing that is drawn of it."""


def html_summary(graph: Graph) -> str:
    """Return a net as HTML. Names are text, whatever is in them."""
    root = _tree(graph)
    totals = _("{layers} weight layers · {parameters} parameters · {flops} multiply-adds").format(
        layers=len(graph.weight_layers), parameters=_exact(root.parameters), flops=_exact(root.multiply_adds)
    )
    rows = "".join(_rows(root, len(graph.layers) <= MAX_LAYERS, 0))
    return (
        f"<div style='font-family:sans-serif;font-size:13px'><b>{escape(graph.name)}</b><br>{escape(totals)}"
        f"{_picture(graph)}<div style='margin-top:.4em'>{rows}</div></div>"
    )


def _picture(graph: Graph) -> str:
    if picture_of is None:
        return ""
    return f"<div style='max-height:420px;overflow:auto;margin-top:.4em;background:#F6F6F3'>{picture_of(graph)}</div>"


def _tree(graph: Graph) -> _Module:
    root = _Module(graph.name)
    for layer in graph.layers:
        parameters, products = layer.op.parameters(), layer.op.multiply_adds(layer.shape)
        module = root
        path = [root]
        for part in filter(None, layer.block.split(".")) if layer.block else ():
            module = module.inside.setdefault(part, _Module(part))
            path.append(module)
        module.layers.append(layer)
        for one in path:
            one.parameters += parameters
            one.multiply_adds += products
    return root


def _rows(module: _Module, layers: bool, level: int) -> list[str]:
    found = []
    for layer in module.layers if layers else ():
        name = layer.name.rpartition(".")[2]
        text = f"{name}: {layer.op.label()} → {format_shape(layer.shape)}"
        costs = _costs(layer.op.parameters(), layer.op.multiply_adds(layer.shape))
        found.append(f"<div style='margin-left:1.2em'>{escape(text)}{costs}</div>")
    for inner in module.inside.values():
        opened = " open" if level < _OPEN and len(module.inside) < 12 and not module.layers else ""
        inside = "".join(_rows(inner, layers, level + 1))
        costs = _costs(inner.parameters, inner.multiply_adds)
        summary = f"<summary>{escape(inner.name)}{costs}</summary>"
        found.append(f"<details style='margin-left:1.2em'{opened}>{summary}{inside}</details>")
    return found


def _costs(parameters: int, multiply_adds: int) -> str:
    texts = [f"{_exact(parameters)} {_('parameters')}"] if parameters else []
    texts += [f"{_exact(multiply_adds)} {_('multiply-adds')}"] if multiply_adds else []
    return f"<span style='color:#777;padding-left:1.5em'>{escape(', '.join(texts))}</span>" if texts else ""


def _exact(number: int) -> str:
    return f"{number:,}".replace(",", " ")
