"""A menu of the colours that a run's curves can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIDE = 14
"""Pixels of a side of a colour's sample."""


class ColourMenu(QMenu):
    """`colour_chosen` has the place of a colour, or None to let the program choose. It deletes itself when closed."""

    colour_chosen = Signal(object)

    def __init__(self, colours: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        for place, colour in enumerate(colours):
            sample = QPixmap(_SIDE, _SIDE)
            sample.fill(QColor(colour))
            self.addAction(QIcon(sample), _("Colour {number}").format(number=place + 1)).setData(place)
        self.addSeparator()
        self.addAction(_("Automatic")).setData(None)
        self.triggered.connect(self._chosen)
        self.aboutToHide.connect(self.deleteLater)

    @Slot(QAction)
    def _chosen(self, action: QAction) -> None:
        self.colour_chosen.emit(action.data())
