"""The graphs of the nets, each box in the colour of what was measured there at one step."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.graph_pane import ColouredNet, GraphPane
from resviz.gui.plots.heat_map import levels, scaled
from resviz.gui.plots.views.view import (
    NOT_RECORDED,
    View,
    ViewCache,
    format_value,
    mapped_quantities,
    register_view,
)
from resviz.gui.style import theme
from resviz.results.watched_graph import GRAPH_FILE, places_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.module_tree import ModuleTree
    from resviz.gui.graph.layout_parts import GraphLayout
    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.measurements.axes import AxisName
    from resviz.measurements.quantity import Quantity
    from resviz.nets.graph import Graph


@register_view
class ColouredGraphView(View):
    """Every net in the colours of one step, on a scale of all steps: a colour means one thing as time moves."""

    name = "graph"
    title = _("Coloured graph")
    order = 150
    surface = GraphPane
    max_nets = 4

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """One option for each quantity with a place in the net."""
        return tuple((quantity.name, _(quantity.title)) for quantity in mapped_quantities())

    @override
    def quantity(self, option: str) -> Quantity | None:
        """Return the quantity of an option."""
        return next((quantity for quantity in mapped_quantities() if quantity.name == option), None)

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return the graphs are drawn before anything is measured."""
        if scene.specs and not any(scene.specs) and not any(map(_has_graph, scene.nets)):
            return _("The graphs of these models could not be captured, so there is no picture of them here.")
        return None if scene.specs else scene.waiting

    @override
    def is_complete(self, scene: Scene, option: str) -> bool:
        """Return a report shows it where the quantity was measured."""
        return super().empty_reason(scene, option) is None and len(scene.nets) <= (self.max_nets or len(scene.nets))

    @override
    def prepare(self, surface: GraphPane, option: str, scene: Scene) -> None:
        """Do nothing: graphs have no axes."""

    @override
    def clear(self, surface: GraphPane) -> None:
        """Take the graphs away."""
        surface.set_nets([], 0, 1, False, "")

    @override
    def draw_scene(self, surface: GraphPane, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw the nets side by side."""
        heats = [cache.heat_map(net.history, option) for net in scene.nets if net.history.has(option)]
        quantity = heats[0].quantity if heats else None
        nets: list[ColouredNet] = []
        for index, spec in enumerate(scene.specs):
            net = scene.nets[index] if index < len(scene.nets) else None
            style = net.line_style if net else 0
            picture: GraphLayout | ModuleTree
            if spec is not None:
                graph, picture = cache.graph(spec)
                places = _places(graph, quantity.axis) if quantity else []
                colour, title = theme.of(surface).net_colour(spec.unit, style), net.name if net else spec.label
            else:
                tree = cache.watched(net.folder) if net is not None and net.folder is not None else None
                if net is None or tree is None:
                    continue
                picture, title, colour = tree, net.name, theme.of(surface).net_colour(net.unit, style)
                known = places_in(tree.graph, [layer.name for layer in net.history.layers.layers])
                places = [known.get(layer.name, "") for layer in net.history.layers.layers]
            values = _values(net, places, quantity) if net and quantity and net.history.has(option) else {}
            nets.append(ColouredNet(title, f"<b style='color:{colour}'>{escape(title)}</b>", picture, values))
        if quantity is None:
            surface.set_nets(nets, 0, 1, False, NOT_RECORDED if scene.nets else scene.waiting)
            return
        low, high = levels([found for heat in heats if (found := heat.range())], quantity)
        surface.set_nets(
            nets,
            low,
            high,
            quantity.log,
            _("{quantity}, step {step}").format(quantity=_(quantity.label), step=scene.step),
        )

    @override
    def numbers(self, surface: GraphPane) -> list[Sequence[object]]:
        """Return the value of each layer that has one."""
        values = [(net.name, layer, format_value(value)) for net in surface.nets for layer, value in net.values.items()]
        return [("net", "layer", "value"), *values]


def _has_graph(net: PlottedNet) -> bool:
    return net.folder is not None and (net.folder / GRAPH_FILE).is_file()


def _values(net: PlottedNet, places: Sequence[str], quantity: Quantity) -> dict[str, float]:
    """Return the value of the layer that stands for each place; "" stands for none."""
    numbers = scaled(net.history.at(quantity.name, net.row), quantity)
    if len(places) != len(numbers):
        return {}
    return {layer: float(value) for layer, value in zip(places, numbers, strict=True) if layer}


def _places(graph: Graph, axis: AxisName) -> list[str]:
    return {
        "layer": [layer.name for layer in graph.weight_layers],
        "activation": [layer.name for layer in graph.nonlinearities],
        "block": [block.total for block in graph.residual_blocks],
        "auxiliary": [],
    }[axis]
