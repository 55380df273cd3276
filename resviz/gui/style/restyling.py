"""A change of colours: what is in sight gets the new style sheet at once, everything else between later events.

A full window has some 1500 widgets, of which a hundred are in sight. Qt styles them all in one go, which would hold the
window for half a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPalette

_AT_ONCE = 100
"""Widgets that are styled before the window answers again."""
_POLISHED, _OWN_STYLE = Qt.WidgetAttribute.WA_WState_Polished, Qt.WidgetAttribute.WA_SetStyle


class Restyling(QObject):
    """Changes colours, and keeps the widgets that have not got theirs yet."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[QWidget] = []
        self._soon = QTimer(self)  # not singleShot(0): Qt calls chains of those in one turn of the event loop
        self._soon.timeout.connect(self._style_some)

    def change_colours(self, application: QApplication, palette: QPalette, sheet: str) -> None:
        """Give the application a palette and a style sheet that leaves every size as it is."""
        widgets = application.allWidgets()
        own = {child for widget in widgets if widget.styleSheet() for child in (widget, *widget.findChildren(QWidget))}
        hidden = [
            widget
            for widget in widgets
            if not widget.isVisible()
            and not widget.isWindow()
            and widget.testAttribute(_POLISHED)
            and widget not in own
        ]
        for widget in hidden:  # Qt passes over a widget that was not styled yet, or has a style of its own
            widget.setAttribute(_POLISHED, False)
            widget.setAttribute(_OWN_STYLE, True)
        set_style(application, palette, sheet)
        for widget in hidden:
            widget.setAttribute(_OWN_STYLE, False)
        self._waiting += hidden
        self._soon.start(0)

    @Slot()
    def _style_some(self) -> None:
        some, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
        for widget in some:
            if shiboken6.isValid(widget) and not widget.testAttribute(_POLISHED):
                QApplication.sendEvent(widget, QEvent(QEvent.Type.Polish))
                if widget.isVisible():  # it came in sight meanwhile
                    widget.update()
        if not self._waiting:
            self._soon.stop()


def set_style(application: QApplication, palette: QPalette, sheet: str) -> None:
    """Give the application a palette and a style sheet."""
    # Without a style sheet first: a change from one to another visits every widget again for each one around it.
    application.setStyleSheet("")
    application.setPalette(palette)
    application.setStyleSheet(sheet)
