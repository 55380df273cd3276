"""Which view stands in which panel, and drawing them a view at a time: what TRAIN and COMPARE have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from resviz.base.translation import _
from resviz.gui.plots.figure import Figure
from resviz.gui.plots.figure_dialog import save_figure
from resviz.gui.plots.views import VIEWS, View, ViewCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resviz.gui.plots.panel_grid import PanelGrid
    from resviz.gui.plots.scene import Scene


class ViewController(QObject):
    """Draws scenes on a grid of panels. Subclasses say what there is to draw with `scene`."""

    def __init__(self, grid: PanelGrid, views: Mapping[str, str], parent: QObject | None = None) -> None:
        """Connect the panels. `views` are the first views of each place."""
        super().__init__(parent)
        self.views = dict(views)
        self.waiting: list[str] = []
        """Panels that are to be drawn again, in the order of their turn."""
        self.cache = ViewCache()
        self._grid = grid
        self._options = _first_options()
        self._soon = QTimer(self)  # the cursor is moved faster than all views are drawn
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._draw_waiting)
        grid.view_chosen.connect(self.choose_view)
        grid.option_chosen.connect(self.choose_option)
        grid.save_wanted.connect(self.save)
        self._show_views()

    def scene(self) -> Scene:
        """Return what there is to draw now."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Stop drawing."""
        self._soon.stop()

    def set_views(self, views: Mapping[str, str]) -> None:
        """Put views into the panels, each as "view" or "view:option"; other options are as they come up."""
        self._options = _first_options()
        for place, view in views.items():
            kind, _colon, option = view.partition(":")
            if kind not in VIEWS or place not in self.views:
                continue  # of another version of the program
            self.views[place] = kind
            if option in dict(VIEWS[kind].options):
                self._options[kind] = option
        self._show_views()

    def chosen_views(self) -> dict[str, str]:
        """Return the view of each panel with its option, as `set_views` takes them."""
        return {place: f"{view}:{self._options[view]}" for place, view in self.views.items()}

    @Slot(str, str)
    def choose_view(self, place: str, name: str) -> None:
        """Put a view into a panel."""
        self.views[place] = name
        self._show_views()
        self.draw(place)

    @Slot(str, str)
    def choose_option(self, place: str, option: str) -> None:
        """Set the option of the view in a panel."""
        self._options[self.views[place]] = option
        self._show_views()
        self.draw()

    @Slot(str)
    def save(self, place: str) -> None:
        """Save the figure in a panel, after asking how and where."""
        panel = self._grid.panels[place]
        save_figure(self._grid, self.figure(place), panel.menu_place())

    def save_focused(self) -> None:
        """Save the figure of the panel that has the keyboard, or of the first one."""
        focus = QApplication.focusWidget()
        having = (name for name, panel in self._grid.panels.items() if focus is not None and panel.isAncestorOf(focus))
        self.save(next(having, next(iter(self._grid.panels))))

    def figure(self, place: str) -> Figure:
        """Return the view of a panel as a figure, to draw it in another size."""
        view, scene = VIEWS[self.views[place]], self.scene()
        steps = {net.step for net in scene.nets}
        at = _("step {step}").format(step=steps.pop()) if len(steps) == 1 else _("last step")
        title = f"{view.title}, {at}" if view.at_one_step else view.title
        return Figure(view, self.option(place), scene, title)

    def option(self, place: str) -> str:
        """Return the option that is chosen for a panel's view."""
        return self._options[self.views[place]]

    def draw(self, place: str | None = None) -> None:
        """Draw all views, or one, at once."""
        if place is not None:
            self.waiting = [place, *(other for other in self.waiting if other != place)]
            self.draw_next()
            return
        self.waiting = list(self.views)
        while self.waiting:
            self.draw_next()

    def draw_soon(self, wants: Callable[[View], bool] | None = None) -> None:
        """Draw all views, or those that `wants` selects, when there is time.

        Views are drawn one at a time, so that the window stays responsive.
        """
        wanted = [place for place, view in self.views.items() if wants is None or wants(VIEWS[view])]
        self.waiting += [place for place in wanted if place not in self.waiting]
        self._soon.start(0)

    def draw_next(self) -> None:
        """Draw the view that has waited longest."""
        if self.waiting:
            place = self.waiting.pop(0)
            view, panel = VIEWS[self.views[place]], self._grid.panels[place]
            view.draw(panel.surface(view.surface), self.option(place), self.scene(), self.cache)

    def after_drawing(self) -> None:
        """Do what is left when all waiting views are drawn."""

    @Slot()
    def _draw_waiting(self) -> None:
        self.draw_next()
        if self.waiting:
            self._soon.start(0)
        else:
            self.after_drawing()

    def _show_views(self) -> None:
        for place, panel in self._grid.panels.items():
            panel.set_view(self.views[place], self._options[self.views[place]])


def _first_options() -> dict[str, str]:
    """Return the option that each view shows first."""
    return {view.name: view.default_option for view in VIEWS.values()}
