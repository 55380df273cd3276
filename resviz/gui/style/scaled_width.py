"""Widths that grow with the text, also when the zoom changes while the window is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.gui.style import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class _ScaledWidth(QObject):
    def __init__(self, widget: QWidget, pixels: int, *, fixed: bool) -> None:
        super().__init__(widget)
        self._widget, self._pixels, self._fixed = widget, pixels, fixed
        theme.changed().connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        width = theme.scaled(self._pixels)
        if self._fixed:
            self._widget.setFixedWidth(width)
        else:
            self._widget.setMaximumWidth(width)


def fix_width(widget: QWidget, pixels: int) -> None:
    """Give a widget a width, in pixels at the normal size of text."""
    _ScaledWidth(widget, pixels, fixed=True)


def limit_width(widget: QWidget, pixels: int) -> None:
    """Limit a widget's width, in pixels at the normal size of text."""
    _ScaledWidth(widget, pixels, fixed=False)
