"""One building block of each net: every operation, and the gradient that comes back through its arrows at one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.analysis.block_layout import Gradient, lay_out_block
from resviz.base.translation import _
from resviz.gui.plots.block_painting import DrawnBlock
from resviz.gui.plots.block_picture import BlockPane
from resviz.gui.plots.heat_map import levels
from resviz.gui.plots.views.view import View, ViewCache, register_view
from resviz.gui.style import theme
from resviz.measurements.quantities import RESIDUAL_GRADIENT, RESPONSE_GRADIENT, SHORTCUT_GRADIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.measurements.quantity import Quantity
    from resviz.nets.graph import Graph

_WHERE = {"first": 0.0, "middle": 0.5, "last": 1.0}
"""Where a block stands in its net: 0 is the first, 1 the last."""
_MEASURED = (RESPONSE_GRADIENT, SHORTCUT_GRADIENT, RESIDUAL_GRADIENT)


@register_view
class BlockView(View):
    """The two terms of eq. 5 and the gradients of the responses, as widths on a scale of all steps and nets."""

    name = "block"
    title = _("Block")
    order = 118
    surface = BlockPane
    max_nets = 4

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """Which block: by its place in the net, since nets have different ones."""
        return (("middle", _("in the middle")), ("first", _("the first")), ("last", _("the last")))

    @override
    def quantity(self, option: str) -> Quantity | None:
        """Return the gradient that plain nets have too."""
        return RESPONSE_GRADIENT

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Blocks are drawn before anything is measured, but some nets have none."""
        if not scene.specs:
            return scene.waiting
        return None

    @override
    def is_complete(self, scene: Scene, option: str) -> bool:
        """Return whether a report shows it: gradients were measured, and every net is drawn."""
        return super().empty_reason(scene, option) is None and len(scene.nets) <= (self.max_nets or len(scene.nets))

    @override
    def prepare(self, surface: BlockPane, option: str, scene: Scene) -> None:
        """Do nothing: blocks have no axes."""

    @override
    def clear(self, surface: BlockPane) -> None:
        """Take the blocks away."""
        surface.picture.set_blocks([])

    @override
    def draw_scene(self, surface: BlockPane, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw the block of each net that has blocks."""
        drawn, ranges = [], []
        for index, spec in enumerate(scene.specs):
            if spec is None:
                continue
            graph, _picture = cache.graph(spec)
            names = graph.block_names
            if not names:
                continue
            name = names[round(_WHERE[option] * (len(names) - 1))]
            net = scene.nets[index] if index < len(scene.nets) else None
            values = _values(net, graph) if net else {}
            if net:
                measured = (one for one in _MEASURED if net.history.has(one.name))
                ranges += [found for one in measured if (found := cache.heat_map(net.history, one.name).range())]
            colour = theme.of(surface).net_colour(spec.unit, net.line_style if net else 0)
            layout = lay_out_block(graph, name)
            shown = {arrow.gradient: values[arrow.gradient] for arrow in layout.arrows if arrow.gradient in values}
            drawn.append(DrawnBlock(f"{net.name if net else spec.label}, {name}", colour, layout, shown))
        low, high = levels(ranges, RESPONSE_GRADIENT)
        surface.picture.set_blocks(drawn, low, high)
        if not drawn:
            surface.set_note(_("These nets have no building blocks."))
        elif not ranges:
            surface.set_note(scene.waiting)
        else:
            note = _(
                "Width of an arrow: logarithm of the gradient that comes back through it, step {step}. Thin grey: not "
                "measured there. x and F are the two terms of eq. 5."
            )
            surface.set_note(note.format(step=scene.step))

    @override
    def numbers(self, surface: BlockPane) -> list[Sequence[object]]:
        """Return the gradients and the operations."""
        return surface.picture.numbers()


def _values(net: PlottedNet, graph: Graph) -> dict[Gradient, float]:
    """Return every gradient of a net that was measured at this step, by where it is."""
    places = {
        RESPONSE_GRADIENT: [Gradient("response", layer.name) for layer in graph.weight_layers],
        SHORTCUT_GRADIENT: [Gradient("shortcut", block.name) for block in graph.residual_blocks],
        RESIDUAL_GRADIENT: [Gradient("residual", block.name) for block in graph.residual_blocks],
    }
    found: dict[Gradient, float] = {}
    for quantity, gradients in places.items():
        if net.history.has(quantity.name):
            numbers = net.history.at(quantity.name, net.row)
            if len(numbers) == len(gradients):
                found |= dict(zip(gradients, map(float, numbers), strict=True))
    return found
