"""Which columns of a table are shown: a menu on its header, where every column can be switched on and off."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QTableView

from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class ColumnChooser(QObject):
    """Hides and shows columns by their names. A column that is not hidden is shown, however narrow the table is."""

    changed = Signal()

    def __init__(self, table: QTableView, columns: Mapping[str, tuple[int, str]], kept: str) -> None:
        """Offer columns: by their names the place in the model and the title. The column `kept` can't be hidden."""
        super().__init__(table)
        self._table, self._columns, self._kept = table, dict(columns), kept
        header = table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_menu)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the hidden columns."""
        return tuple(name for name, (place, _title) in self._columns.items() if self._table.isColumnHidden(place))

    def set_hidden(self, names: Collection[str]) -> None:
        """Hide these columns, and show all others."""
        for name, (place, _title) in self._columns.items():
            self._table.setColumnHidden(place, name in names and name != self._kept)
        self.changed.emit()

    def menu(self) -> QMenu:
        """Return the menu of all columns."""
        menu = QMenu(self._table)
        for name, (place, title) in self._columns.items():
            if name != self._kept:
                action = menu.addAction(title)
                action.setCheckable(True)
                action.setChecked(not self._table.isColumnHidden(place))
                action.toggled.connect(partial(self._toggle, name))
        menu.addSeparator()
        menu.addAction(_("Show all columns")).triggered.connect(self._show_all)
        return menu

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._table.horizontalHeader().mapToGlobal(place))

    def _toggle(self, name: str, shown: bool) -> None:
        hidden = set(self.hidden)
        self.set_hidden(hidden - {name} if shown else hidden | {name})

    @Slot()
    def _show_all(self) -> None:
        self.set_hidden(())
