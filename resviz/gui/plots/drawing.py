"""Draws a view of what was measured onto a panel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from html import escape

import numpy as np

from resviz.gui.graph.layout import lay_out as picture_of
from resviz.gui.graph.layout_parts import GraphLayout
from resviz.gui.plots.final import draw_final
from resviz.gui.plots.graph_pane import ColouredNet
from resviz.gui.plots.heat_map import HeatMap, levels, scaled, windowed
from resviz.gui.plots.heat_plot import HeatImage
from resviz.gui.plots.nets import (
    AXES,
    NO_PLACE,
    ORDINARY,
    OverlayCurve,
    PlottedNet,
    StepAxisOptions,
    draw_depth,
    draw_responses,
    draw_scalar,
    draw_terms,
)
from resviz.gui.plots.view_panel import ViewPanel
from resviz.gui.style import theme
from resviz.measurements.history import RunHistory
from resviz.measurements.quantities import (
    BINS,
    HISTOGRAM,
    HISTOGRAM_RANGE,
    RANGES,
    RESIDUAL_GRADIENT,
    SHORTCUT_GRADIENT,
)
from resviz.measurements.quantity import Quantity
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec
from resviz.results.final_tables import TABLES
from resviz.results.summary import RunSummary

_LEVELS = {"update_ratio": (-3.0, "usual")}
"""A height that means something in a view against depth, as it is drawn: 10⁻³ is what updates usually are."""
_SPANS = {"gradient_cosine": (-1.0, 1.0), "saturation": (0.0, 1.0)}
"""What an axis always shows, so that noise looks like noise."""


MAX_PICTURES = 4
"""Side by side: of more nothing would be seen."""
_PICTURES = ("heat", "histogram", "graph")


@dataclass(frozen=True)
class Scene:
    """What there is to draw: the nets with what was measured of them, as the cursor stands."""

    nets: list[PlottedNet]
    specs: tuple[NetSpec, ...]
    """Of the same nets, as they are trained."""
    live: bool
    """Whether the newest step is shown as it comes."""
    waiting: str
    """What a view says while nothing was measured."""
    steps: StepAxisOptions = ORDINARY
    beside: tuple[OverlayCurve, ...] = ()
    """Curves from elsewhere."""
    results: tuple[RunSummary, ...] = ()
    """The runs that the nets are of."""

    @property
    def step(self) -> int | None:
        return max((net.step for net in self.nets), default=None)


class Drawing:
    """Keeps what takes long to make from one drawing to the next: heat maps as they grow, and the nets' pictures."""

    def __init__(self) -> None:
        self._heats: dict[tuple[int, str], HeatMap] = {}
        self._graphs: dict[NetSpec, tuple[Graph, GraphLayout]] = {}

    def forget(self) -> None:
        """To be called when another run begins."""
        self._heats.clear()

    def draw(self, panel: ViewPanel, option: str, scene: Scene) -> None:
        """Draws the panel's view; `option` is the view's own."""
        kind, nets = panel.view.kind, scene.nets
        if kind in _PICTURES and len(nets) > MAX_PICTURES:
            few = replace(scene, nets=nets[:MAX_PICTURES], specs=scene.specs[:MAX_PICTURES])
            self.draw(panel, option, few)
            widget = panel.graph if kind == "graph" else panel.heat
            widget.set_note(f"{widget.note.text()}  ·  the first {MAX_PICTURES} of {len(nets)} are drawn".lstrip(" ·"))
            return
        if kind == "scalar":
            self._draw_scalar(panel, option, scene)
        elif kind == "heat":
            self._draw_heat(panel, option, scene)
        elif kind == "difference":
            self._draw_difference(panel, option, scene)
        elif kind == "final":
            panel.curves.set_level(None)
            panel.curves.set_span((0.0, 0.0))
            panel.curves.set_cursor(None)
            panel.curves.set_from_zero(True)
            draw_final(panel.curves, scene.results, option, "" if scene.results else scene.waiting)
        elif kind == "table":
            panel.table.set_table(TABLES[option](scene.results) if scene.results else None, scene.waiting)
        elif kind == "histogram":
            self._draw_histograms(panel, scene)
        elif kind == "graph":
            self._draw_graph(panel, option, scene)
        else:
            plot = panel.curves
            plot.set_log_x(False)
            plot.set_window(None)
            plot.set_level(*_LEVELS.get(panel.view.name, (None,)))
            plot.set_span(_SPANS.get(panel.view.name))
            plot.set_cursor(None)
            quantity = panel.view.quantity
            assert quantity is not None
            plot.set_from_zero(not quantity.log or panel.view.name == "responses")
            if not nets:
                plot.set_log(quantity.log)
                plot.set_labels(AXES[quantity.axis], quantity.label)
            if panel.view.name == "responses":
                draw_responses(plot, nets, by_magnitude=option == "magnitude", waiting=scene.waiting)
            elif kind == "terms":
                draw_terms(plot, nets, _infos(nets, SHORTCUT_GRADIENT.name, RESIDUAL_GRADIENT.name), scene.waiting)
            else:
                draw_depth(plot, nets, quantity.name, scene.waiting)

    def _draw_scalar(self, panel: ViewPanel, scalar: str, scene: Scene) -> None:
        plot = panel.curves
        classes = scene.specs[0].classes if scene.specs else 0
        plot.set_from_zero(scalar == "learning_rate")
        plot.set_span((0.0, 1.0) if scalar.endswith("error") else None)
        guessing = math.log(classes) if scalar.endswith("loss") and classes > 1 else math.inf
        log = draw_scalar(plot, scene.nets, scalar, scene.waiting, guessing, scene.steps, scene.beside)
        level = math.log10(guessing) if log else guessing
        plot.set_level(level if scene.nets and math.isfinite(level) else None, "guessing")
        plot.set_cursor(scene.step, shown=not scene.live)

    def _draw_difference(self, panel: ViewPanel, name: str, scene: Scene) -> None:
        """How far the first net is above the second, at each step and layer that both have."""
        plot, nets = panel.heat, [net for net in scene.nets if net.history.has(name)][:2]
        plot.set_cursor(None)
        problem = scene.waiting if not scene.nets else _no_difference(nets, name)
        if problem:
            plot.set_pictures([], 0, 1, False)
            plot.set_note(problem)
            return
        quantity = nets[0].history.layers.quantity(name)
        assert quantity is not None
        steps = min(net.history.count for net in nets)
        parts = [windowed(net.history, quantity, 0, steps) for net in nets]
        image = parts[0][0] - parts[1][0]
        most = float(np.nanmax(np.abs(image), initial=0.0, where=np.isfinite(image))) or 1.0
        most = math.ceil(2 * most) / 2 if quantity.log else most
        of = f"log₁₀ of {nets[0].name} / {nets[1].name}" if quantity.log else f"{nets[0].name} − {nets[1].name}"
        rectangle = (-0.5, 0.5, max(steps, 2), image.shape[0] * parts[0][1])
        plot.set_labels("step", AXES[quantity.axis].partition(",")[0])
        plot.set_window(scene.steps.window)
        picture = HeatImage(
            f"{quantity.title}: {nets[0].name} against {nets[1].name}", "", 0, image, rectangle, every=parts[0][2]
        )
        plot.set_pictures([picture], -most, most, False, of, difference=True)
        plot.set_cursor(None if scene.live else scene.step)
        more = "; the first two of those that are shown" if len(scene.nets) > 2 else ""
        plot.set_note(f"orange where {nets[0].name} is larger{more}")

    def _draw_heat(self, panel: ViewPanel, name: str, scene: Scene) -> None:
        plot = panel.heat
        heats = [self._heat(net.history, name) for net in scene.nets if net.history.has(name)]
        nets = [net for net in scene.nets if net.history.has(name)]
        if not heats:
            plot.set_pictures([], 0, 1, False)
            plot.set_note(NO_PLACE if scene.nets else scene.waiting)
            return
        quantity = heats[0].quantity
        for heat in heats:
            heat.update()
        low, high = levels([found for heat in heats if (found := heat.range())], quantity)
        axis = AXES[quantity.axis].partition(",")[0]
        plot.set_labels("step", axis)
        steps = max(net.history.count for net in scene.nets)
        plot.set_window(scene.steps.window)
        pictures = [_heat_picture(net, heat, steps, scene.steps.window) for net, heat in zip(nets, heats, strict=True)]
        plot.set_pictures(pictures, low, high, quantity.log, quantity.label)
        plot.set_cursor(None if scene.live else scene.step)
        blank = quantity.log and any(np.isnan(heat.image).any() for heat in heats)
        thinned = f"one step in {heats[0].every} is drawn" if heats[0].every > 1 else ""
        notes = ["blank: exactly 0, or no number" if blank else "", thinned]
        plot.set_note("  ·  ".join(note for note in notes if note))

    def _draw_histograms(self, panel: ViewPanel, scene: Scene) -> None:
        plot = panel.heat
        pictures = []
        for net in scene.nets:
            shares = net.history.last_measured(HISTOGRAM.name, net.row)
            if shares is not None:
                pictures.append(_histogram_picture(net, shares))
        high = max((float(np.nanmax(picture.values)) for picture in pictures), default=1.0)
        plot.set_labels("output of the nonlinearity", "nonlinearity")
        plot.set_pictures(pictures, 0.0, high, False, HISTOGRAM.label)
        plot.set_cursor(None)
        if not scene.nets:
            plot.set_note(scene.waiting)
        elif not pictures:
            plot.set_note("histograms are made of nets of up to 64 nonlinearities, every few steps")
        else:
            kinds = {net.history.layers.activations[0].kind for net in scene.nets if net.history.layers.activations}
            plot.set_note("" if kinds <= set(RANGES) else "in root mean squares of each nonlinearity's outputs")

    def _draw_graph(self, panel: ViewPanel, name: str, scene: Scene) -> None:
        """Every net in the colours of one step, on a scale of all steps: a colour means one thing as time moves."""
        quantity, ranges = None, []
        for net in scene.nets:
            if net.history.has(name):
                heat = self._heat(net.history, name)
                heat.update()
                quantity = heat.quantity
                found = heat.range()
                ranges += [found] if found else []
        coloured = []
        for index, spec in enumerate(scene.specs):
            graph, picture = self._graph(spec)
            shown = scene.nets[index] if index < len(scene.nets) else None
            values = {}
            if shown is not None and quantity is not None and shown.history.has(name):
                numbers = scaled(shown.history.at(name, shown.row), quantity)
                values = dict(zip(_places(graph, quantity.axis), map(float, numbers), strict=True))
            colour = theme.current().net_colour(spec.unit, shown.line_style if shown else 0)
            title = shown.name if shown else spec.label
            coloured.append(ColouredNet(title, f"<b style='color:{colour}'>{escape(title)}</b>", picture, values))
        if quantity is None:
            panel.graph.set_nets(coloured, 0, 1, False, NO_PLACE if scene.nets else scene.waiting)
            return
        low, high = levels(ranges, quantity)
        panel.graph.set_nets(coloured, low, high, quantity.log, f"{quantity.label}, step {scene.step}")

    def _heat(self, history: RunHistory, name: str) -> HeatMap:
        key = (id(history), name)
        if key not in self._heats:
            quantity = history.layers.quantity(name)
            assert quantity is not None
            self._heats[key] = HeatMap(history, quantity)
        return self._heats[key]

    def _graph(self, spec: NetSpec) -> tuple[Graph, GraphLayout]:
        if spec not in self._graphs:
            graph = build(spec)
            self._graphs[spec] = graph, picture_of(graph)
        return self._graphs[spec]


def _places(graph: Graph, axis: str) -> list[str]:
    """The layers that stand for an axis's places in the picture of a graph."""
    return {
        "layer": [layer.name for layer in graph.weight_layers],
        "activation": [layer.name for layer in graph.nonlinearities],
        "block": [block.total for block in graph.residual_blocks],
    }[axis]


def _infos(nets: list[PlottedNet], *names: str) -> tuple[Quantity, ...]:
    """The quantities of these names, as the first net that has them describes them; ours where none does."""
    for net in nets:
        found = [net.history.layers.quantity(name) for name in names]
        if all(found):
            return tuple(info for info in found if info)
    ours = [SHORTCUT_GRADIENT, RESIDUAL_GRADIENT]
    return tuple(Quantity(**{key: getattr(q, key) for key in Quantity.model_fields}) for q in ours)


def _no_difference(nets: list[PlottedNet], name: str) -> str:
    """Why there is none; "" where there is."""
    if len(nets) < 2:
        return "two runs that measure this are needed: show another one"
    axis = nets[0].history.layers.quantity(name)
    assert axis is not None
    if len({len(net.history.layers.along(axis.axis)) for net in nets}) > 1:
        return f"{nets[0].name} and {nets[1].name} have other numbers of layers: none of one is that of the other"
    return ""


def _heat_picture(net: PlottedNet, heat: HeatMap, steps: int, window: tuple[float, float] | None) -> HeatImage:
    if window is not None:  # the steps of the window alone, each its own column where there is room
        low, high = max(0, math.floor(window[0])), min(net.history.count, math.ceil(window[1]) + 1)
        image, every_layer, every = windowed(net.history, heat.quantity, low, max(low, high))
        part = (low - 0.5, 0.5, max(1, image.shape[1] * every), image.shape[0] * every_layer)
        return HeatImage(net.name, net.unit, net.line_style, image, part, every=every)
    rows, columns = heat.image.shape
    rectangle = (-0.5, 0.5, max(steps, 2), rows * heat.every_layer)
    values = heat.image
    wanted = -(-max(steps, 2) // heat.every)
    if columns < wanted:  # at a free pace one net is behind: the rest of its picture is blank
        values = np.pad(values, ((0, 0), (0, wanted - columns)), constant_values=np.nan)
    return HeatImage(net.name, net.unit, net.line_style, values, rectangle, every=heat.every)


def _histogram_picture(net: PlottedNet, shares: np.ndarray) -> HeatImage:
    values = shares.reshape(-1, BINS).copy()
    kinds = [layer.kind for layer in net.history.layers.activations]
    # A highway's gates have another range than its activations: they are left out of this axis.
    values[[kind != kinds[0] for kind in kinds]] = np.nan
    low, high = RANGES.get(kinds[0], HISTOGRAM_RANGE)
    return HeatImage(net.name, net.unit, net.line_style, values, (low, 0.5, high - low, len(values)), counts=False)
