"""Histograms of every nonlinearity's outputs at one step, a row a nonlinearity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.heat_image import HeatImage
from resviz.gui.plots.views.image_view import ImageView
from resviz.gui.plots.views.view import ViewCache, place_names, register_view
from resviz.measurements.axes import AXES
from resviz.measurements.quantities import BINS, HISTOGRAM, HISTOGRAM_RANGE, RANGES

if TYPE_CHECKING:
    from resviz.gui.plots.heat_plot import HeatPlot
    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.measurements.quantity import Quantity


@register_view
class ActivationHistogramsView(ImageView):
    """The shares of outputs in each bin, as last measured at the step or before it."""

    name = "histograms"
    title = _("Activation histograms")
    order = 110
    max_nets = 4

    @override
    def quantity(self, option: str) -> Quantity | None:
        """Return the histograms."""
        return HISTOGRAM

    @override
    def prepare(self, surface: HeatPlot, option: str, scene: Scene) -> None:
        """Set the labels."""
        surface.set_labels(_("output of the nonlinearity"), AXES[HISTOGRAM.axis].label)
        surface.set_cursor(None)

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return a reason for nets with too many nonlinearities."""
        if not scene.nets:
            return scene.waiting
        if not any(self._shares(net) is not None for net in scene.nets):
            return _("Histograms are recorded every few steps, for nets of up to 64 nonlinearities.")
        return None

    @override
    def draw_scene(self, surface: HeatPlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a picture for each net."""
        found = [(net, self._shares(net)) for net in scene.nets]
        images = [_image(net, shares) for net, shares in found if shares is not None]
        high = max(float(np.nanmax(image.values)) for image in images)
        surface.set_pictures(images, 0.0, high, False, HISTOGRAM.label)
        kinds = {net.history.layers.activations[0].kind for net in scene.nets if net.history.layers.activations}
        surface.set_note("" if kinds <= set(RANGES) else _("in root mean squares of each nonlinearity's outputs"))

    @staticmethod
    def _shares(net: PlottedNet) -> np.ndarray | None:
        return net.history.last_measured(HISTOGRAM.name, net.row)


def _image(net: PlottedNet, shares: np.ndarray) -> HeatImage:
    values = shares.reshape(-1, BINS).copy()
    kinds = [layer.kind for layer in net.history.layers.activations]
    # A highway's gates have another range than its activations: they are left out of this axis.
    values[[kind != kinds[0] for kind in kinds]] = np.nan
    low, high = RANGES.get(kinds[0], HISTOGRAM_RANGE)
    rectangle = (low, 0.5, high - low, len(values))
    places = place_names(net.history, HISTOGRAM)
    return HeatImage(net.name, net.unit, net.line_style, values, rectangle, counts=False, places=places)
