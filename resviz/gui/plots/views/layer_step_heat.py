"""A quantity over layers and steps as a heat map, a picture a net."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.heat_image import HeatImage
from resviz.gui.plots.heat_map import HeatMap, levels, windowed
from resviz.gui.plots.views.image_view import ImageView
from resviz.gui.plots.views.view import ViewCache, mapped_quantities, place_names, quantity_in, register_view
from resviz.measurements.axes import AXES

if TYPE_CHECKING:
    from resviz.gui.plots.heat_plot import HeatPlot
    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.measurements.quantity import Quantity


@register_view
class LayerStepHeatView(ImageView):
    """Every layer at every step, on one colour scale for all nets."""

    name = "heat"
    title = _("Layer × step")
    order = 40
    against_steps = True
    at_one_step = False
    max_nets: ClassVar[int | None] = 4

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
    def prepare(self, surface: HeatPlot, option: str, scene: Scene) -> None:
        """Set labels and the part of the steps that is shown."""
        quantity = quantity_in(scene, option)
        surface.set_labels("step", AXES[quantity.axis].label if quantity else "")
        surface.set_window(scene.steps.window)

    @override
    def draw_scene(self, surface: HeatPlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a picture for each net."""
        nets = [net for net in scene.nets if net.history.has(option)]
        heats = [cache.heat_map(net.history, option) for net in nets]
        quantity = heats[0].quantity
        low, high = levels([found for heat in heats if (found := heat.range())], quantity)
        steps = max(net.history.step_count for net in scene.nets)
        images = [_image(net, heat, steps, scene.steps.window) for net, heat in zip(nets, heats, strict=True)]
        surface.set_pictures(images, low, high, quantity.log, _(quantity.label))
        surface.set_cursor(None if scene.live else scene.step)
        blank = quantity.log and any(np.isnan(heat.image).any() for heat in heats)
        every = heats[0].every * nets[0].history.stride
        thinned = _("one step in {every} is drawn").format(every=every) if every > 1 else ""
        notes = [_("blank: exactly 0, or not a finite number") if blank else "", thinned]
        surface.set_note("  ·  ".join(note for note in notes if note))


def _image(net: PlottedNet, heat: HeatMap, steps: int, window: tuple[float, float] | None) -> HeatImage:
    places, log = place_names(net.history, heat.quantity), heat.quantity.log
    stride = net.history.stride
    if window is not None:  # the steps of the window alone, each its own column where there is room
        low = max(0, math.floor(window[0] / stride))
        high = min(net.history.count, math.ceil(window[1] / stride) + 1)
        image, every_layer, every = windowed(net.history, heat.quantity, low, max(low, high))
        width = max(1, image.shape[1] * every * stride)
        part = ((low - 0.5) * stride, 0.5, width, image.shape[0] * every_layer)
        return HeatImage(net.name, net.unit, net.line_style, image, part, True, every * stride, places, log)
    rows, columns = heat.image.shape
    count = max(-(-steps // stride), 2)
    rectangle = (-0.5 * stride, 0.5, count * stride, rows * heat.every_layer)
    values = heat.image
    wanted = -(-count // heat.every)
    if columns < wanted:  # at a free pace one net is behind: the rest of its picture is blank
        values = np.pad(values, ((0, 0), (0, wanted - columns)), constant_values=np.nan)
    return HeatImage(net.name, net.unit, net.line_style, values, rectangle, True, heat.every * stride, places, log)
