"""The picture of a net's modules as SVG: for notebooks, and for files that are written without a window."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from resviz.analysis.counts import short
from resviz.analysis.module_tree import module_tree
from resviz.analysis.nested_layout import HEADER, LINE, lay_out
from resviz.analysis.nested_picture import count_boxes, draw, first_opened, levels
from resviz.base.translation import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.nested_layout import Area, Points
    from resviz.analysis.nested_picture import Frame, Node
    from resviz.nets.graph import Graph, Layer

_MARGIN = 12.0
_LETTER = 0.54
"""About the width of a letter, by the size of the font: without a window nobody measures text."""
_MOST_BOXES = 2000


def svg_picture(graph: Graph, level: int | None = None, scale: float = 1.0) -> str:
    """Return the picture of a net.

    Args:
        graph: The net.
        level: How many levels of modules are open; None for as many as can be looked at.
        scale: Size of a pixel of the picture on screen.
    """
    tree = module_tree(graph)
    known = [opened for opened in levels(tree) if count_boxes(tree, opened) <= _MOST_BOXES]
    opened = first_opened(tree) if level is None or not known else known[min(level, len(known) - 1)]
    picture = draw(tree, opened, lambda layers: cost_text(graph, layers))
    layout = lay_out(picture)
    areas = [*layout.nodes, *layout.frames]
    corners = [point for line in layout.edges for point in line]
    left = min([area.x for area in areas] + [x for x, _y in corners]) - _MARGIN
    top = min(area.y for area in areas) - _MARGIN
    right = max([area.x + area.width for area in areas] + [x for x, _y in corners]) + _MARGIN
    bottom = max(area.y + area.height for area in areas) + _MARGIN
    width, height = right - left, bottom - top
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width * scale:.0f}' height='{height * scale:.0f}' "
        f"viewBox='{left:.1f} {top:.1f} {width:.1f} {height:.1f}' "
        "font-family='sans-serif' font-size='12' text-anchor='middle'>",
        f"<title>{escape(graph.name)}</title>",
        "<defs><marker id='tip' viewBox='0 0 7 7' refX='7' refY='3.5' markerWidth='7' markerHeight='7' "
        "orient='auto'><path d='M0 0L7 3.5L0 7z' fill='#6C6B66'/></marker></defs>",
        *(_frame(frame, area) for frame, area in zip(picture.frames, layout.frames, strict=True)),
        *(_line(points) for points in layout.edges),
        *(_node(node, area) for node, area in zip(picture.nodes, layout.nodes, strict=True)),
        "</svg>",
    ]
    return "\n".join(parts)


def cost_text(graph: Graph, layers: Sequence[Layer]) -> str:
    """Return what some layers cost, in a few words."""
    parameters = sum(graph.parameters(layer) for layer in layers)
    flops = sum(graph.multiply_adds(layer) for layer in layers)
    if not parameters and not flops:
        return ngettext("{count} operation", "{count} operations", len(layers)).format(count=len(layers))
    return _("{parameters} params · {flops} FLOPs").format(parameters=short(parameters), flops=short(flops))


def _frame(frame: Frame, area: Area) -> str:
    title = f"{frame.title}  ×{frame.times}" if frame.times > 1 else frame.title
    return (
        f"<rect x='{area.x:.1f}' y='{area.y:.1f}' width='{area.width:.1f}' height='{area.height:.1f}' rx='6' "
        f"fill='#6C6B66' fill-opacity='0.06' stroke='#E2E1DB'/>"
        + _text(area.x + 8, area.y + HEADER - 5, title, area.width - 16, "font-weight='bold' text-anchor='start'")
    )


def _node(node: Node, area: Area) -> str:
    sheets = min(node.times, 3) if node.times > 1 else 1 + bool(node.opens)
    rects = "".join(
        f"<rect x='{area.x + 3 * sheet:.1f}' y='{area.y + 3 * sheet:.1f}' width='{area.width:.1f}' "
        f"height='{area.height:.1f}' rx='4' fill='#FFFFFF' stroke='#6C6B66'/>"
        for sheet in range(sheets - 1, -1, -1)
    )
    title = f"{node.title}  ×{node.times}" if node.times > 1 else node.title
    lines = [title, *filter(None, [node.note]), *(f"← {name}" for name in node.reads[:2])]
    texts = "".join(
        _text(
            area.x + area.width / 2,
            area.y + LINE * (number + 1) - 1,
            line,
            area.width - 12,
            "font-size='11'" if number else ("font-weight='bold'" if node.opens else ""),
        )
        for number, line in enumerate(lines)
    )
    hint = escape("\n".join(node.layers[:8]))
    return f"<g><title>{hint}</title>{rects}{texts}</g>"


def _line(points: Points) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f"<path d='M{path}' fill='none' stroke='#6C6B66' stroke-width='1.2' marker-end='url(#tip)'/>"


def _text(x: float, y: float, text: str, room: float, style: str) -> str:
    fits = int(room / (_LETTER * (11 if "11" in style else 12)))
    shown = text if len(text) <= fits else f"{text[: fits - 1]}…"
    return f"<text x='{x:.1f}' y='{y:.1f}' fill='#1D1D1B' {style}>{escape(shown)}</text>"
