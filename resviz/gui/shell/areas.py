"""The parts of the window that F6 moves between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from resviz.gui.style.widgets import Panel

if TYPE_CHECKING:
    from resviz.gui.shell.window_frame import WindowFrame


def move_focus(window: WindowFrame, by: int) -> None:
    """Move the keyboard to the first control of the next visible area, or of the previous one for -1."""
    areas = _areas(window)
    focus = QApplication.focusWidget()
    here = next((index for index, area in enumerate(areas) if focus is not None and area.isAncestorOf(focus)), -by)
    for step in range(1, len(areas) + 1):
        target = _first_control(areas[(here + by * step) % len(areas)])
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


def focus_page(window: WindowFrame) -> None:
    """Give the keyboard to the first control of the page."""
    target = next(filter(None, map(_first_control, _areas(window)[1:])), None)
    if target is not None:
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _areas(window: WindowFrame) -> list[QWidget]:
    """Return the rail and the panels in sight, from left to right and from top to bottom."""
    page = window.page_widget()
    panels = [panel for panel in page.findChildren(Panel) if panel.isVisible()]
    outer = [panel for panel in panels if not any(other.isAncestorOf(panel) for other in panels if other is not panel)]
    places = {panel: panel.mapTo(page, panel.rect().topLeft()) for panel in outer}
    ordered = sorted(outer, key=lambda panel: (places[panel].x() // 50, places[panel].y()))
    return [window.rail, *ordered]


def _first_control(area: QWidget) -> QWidget | None:
    found = [
        widget
        for widget in area.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    # What the area is for comes before the buttons of its header: a table, a picture, a plot.
    large = [widget for widget in found if widget.height() > area.height() / 3]
    return (large or found or [None])[0]  # type: ignore[list-item]
