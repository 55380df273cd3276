"""View: what every view declares and does, the registry, and what views keep from one drawing to the next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from resviz.analysis.module_tree import module_tree
from resviz.base.translation import _
from resviz.gui.graph.layout import lay_out
from resviz.gui.plots.heat_map import HeatMap
from resviz.measurements.quantities import RESPONSE_GRADIENT, declared_quantities
from resviz.nets.build import build
from resviz.results.watched_graph import watched_graph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from resviz.analysis.module_tree import ModuleTree
    from resviz.gui.graph.layout_parts import GraphLayout
    from resviz.gui.plots.scene import Scene
    from resviz.measurements.history import RunHistory
    from resviz.measurements.quantity import Quantity
    from resviz.nets.graph import Graph
    from resviz.nets.spec import NetSpec

NOT_RECORDED = _("This quantity is not recorded for these nets.")


class ViewCache:
    """Keeps what takes long to make: heat maps as they grow, and the nets' pictures."""

    def __init__(self) -> None:
        self._heats: dict[tuple[RunHistory, str], HeatMap] = {}
        self._graphs: dict[NetSpec, tuple[Graph, GraphLayout]] = {}
        self._watched: dict[Path, ModuleTree | None] = {}

    def forget(self) -> None:
        """Drop the heat maps: other runs are shown from now on."""
        self._heats.clear()

    def heat_map(self, history: RunHistory, name: str) -> HeatMap:
        """Return the heat map of a quantity that the run measures, up to its newest step."""
        if (history, name) not in self._heats:
            quantity = history.layers.quantity(name)
            assert quantity is not None
            self._heats[history, name] = HeatMap(history, quantity)
        heat = self._heats[history, name]
        heat.update()
        return heat

    def watched(self, folder: Path) -> ModuleTree | None:
        """Return the modules of the model that a run has watched, None if the run doesn't have them."""
        if folder not in self._watched:
            graph = watched_graph(folder)
            self._watched[folder] = module_tree(graph) if graph is not None else None
        return self._watched[folder]

    def graph(self, spec: NetSpec) -> tuple[Graph, GraphLayout]:
        """Return a net's graph with its picture."""
        if spec not in self._graphs:
            graph = build(spec)
            self._graphs[spec] = graph, lay_out(graph)
        return self._graphs[spec]


class View(ABC):
    """A picture of what was measured. A view has no state of its own: it draws a scene onto its surface.

    `surface` is the class of the widget that it draws on; its instance is given to `draw` and `numbers`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int]
    """Where it stands in the list of views."""
    surface: ClassVar[type[QWidget]]
    hint: ClassVar[str] = ""
    """A few words beside the title."""
    in_train: ClassVar[bool] = True
    """Whether TRAIN offers it; COMPARE offers all views."""
    against_steps: ClassVar[bool] = False
    """Whether its x axis are steps: such views are zoomed together."""
    at_one_step: ClassVar[bool] = True
    """Whether it shows one step, which a saved figure then names."""
    max_nets: ClassVar[int | None] = None
    """How many nets it draws side by side; of more only the first are drawn."""

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """(key, text) pairs, the first of them the default."""
        return ()

    @property
    def default_option(self) -> str:
        """The key of the first option, or ""."""
        return self.options[0][0] if self.options else ""

    def quantity(self, option: str) -> Quantity | None:
        """Return the quantity that an option shows; None where the view shows no single quantity."""
        return None

    def draw(self, surface: Any, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw the scene. If there is nothing to draw, show the view's own axes and the reason."""
        shown = scene
        if self.max_nets is not None and len(scene.nets) > self.max_nets:
            shown = replace(scene, nets=scene.nets[: self.max_nets], specs=scene.specs[: self.max_nets])
        self.prepare(surface, option, shown)
        reason = self.empty_reason(shown, option)
        if reason is None:
            self.draw_scene(surface, option, shown, cache)
        else:
            self.clear(surface)
            surface.set_note(reason)
        if shown is not scene:
            note = (
                surface.note_text
                + "  ·  "
                + _("the first {shown} of {count} are drawn").format(shown=self.max_nets, count=len(scene.nets))
            )
            surface.set_note(note.lstrip(" ·"))

    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return why there is nothing to draw, or None."""
        if not scene.nets:
            return scene.waiting
        quantity = self.quantity(option)
        if quantity is not None and not any(net.history.has(quantity.name) for net in scene.nets):
            return NOT_RECORDED
        return None

    def is_complete(self, scene: Scene, option: str) -> bool:
        """Return whether a report shows it: there is something to draw, and all of it is drawn."""
        if self.empty_reason(scene, option) is not None:
            return False
        return self.max_nets is None or len(scene.nets) <= self.max_nets

    def legend(self, scene: Scene, option: str) -> list[tuple[str, str, int]]:
        """Return (name, unit, line style) of each curve; nothing where the picture itself names its nets."""
        return []

    @abstractmethod
    def prepare(self, surface: Any, option: str, scene: Scene) -> None:
        """Set axes, labels and scales."""

    @abstractmethod
    def draw_scene(self, surface: Any, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a scene in which there is something to draw, and set the note."""

    @abstractmethod
    def clear(self, surface: Any) -> None:
        """Take away what was drawn before; the axes stay."""

    @abstractmethod
    def numbers(self, surface: Any) -> list[Sequence[object]]:
        """Return what the surface shows as rows of a table, the headings first."""


ViewClass = TypeVar("ViewClass", bound=type[View])
VIEWS: dict[str, View] = {}
"""By name, in the order in which people choose from them."""


def register_view(view: ViewClass) -> ViewClass:
    """Add a view to those that panels can show. Raises ValueError for a second one of the same name."""
    if view.name in VIEWS:
        raise ValueError(f"view {view.name!r} is registered twice")
    found = sorted([*VIEWS.values(), view()], key=lambda one: one.order)
    VIEWS.clear()
    VIEWS.update({one.name: one for one in found})
    return view


def mapped_quantities() -> tuple[Quantity, ...]:
    """Return the quantities that heat maps and coloured graphs can show, the gradient of the responses first."""
    mapped = [quantity for quantity in declared_quantities() if quantity.is_mapped]
    return tuple(sorted(mapped, key=lambda quantity: quantity.name != RESPONSE_GRADIENT.name))


def quantity_in(scene: Scene, name: str) -> Quantity | None:
    """Return a quantity as the first run of the scene that measures it declares it; else as Resviz declares it."""
    stored = (net.history.layers.quantity(name) for net in scene.nets)
    ours = (quantity for quantity in declared_quantities() if quantity.name == name)
    return next((quantity for quantity in (*stored, *ours) if quantity is not None), None)


def place_names(history: RunHistory, quantity: Quantity) -> tuple[str, ...]:
    """Return the names of the layers or blocks that a quantity is measured at, from the input to the output."""
    return tuple(place.name for place in history.layers.along(quantity.axis))


def format_value(value: float) -> str:
    """Write a number for a table of numbers, with all digits that a float32 has."""
    return f"{value:.9g}"
