"""The window's actions as Qt has them, made from the action table, and which of them the page in sight can do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolButton, QWidget

from resviz.base.translation import _
from resviz.gui.actions.action_table import ACTIONS, MENUS, ActionInfo
from resviz.gui.style import theme
from resviz.gui.style.widgets import tool_button

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TOOLBAR = ("undo", "redo", "duplicate", "rename", "remove", "left", "right", "open", "save")
_OF_A_NET = ("rename", "duplicate", "remove", "", "left", "right", "", "save")


class Actions(QObject):
    """QActions by name. Each does what the page in sight has connected to it, and is disabled where that is nothing."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._infos = {info.name: info for info in ACTIONS}
        self._actions: dict[str, QAction] = {}
        self._handlers: dict[tuple[str, str], Callable[[], object]] = {}
        self._disabled: set[tuple[str, str]] = set()
        self._page = ""
        for info in ACTIONS:
            action = QAction(info.title, owner)
            action.setObjectName(info.name)
            action.setShortcuts([QKeySequence(keys) for keys in info.keys])
            action.setToolTip(f"{info.tip} ({shortcut_text(info)})" if info.keys else info.tip)
            action.setStatusTip(info.tip)
            action.triggered.connect(partial(self._trigger, info.name))
            owner.addAction(action)
            self._actions[info.name] = action
        self._enable(self._actions)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    @property
    def infos(self) -> Iterable[ActionInfo]:
        """All actions, as they are declared."""
        return self._infos.values()

    def on(self, name: str, handler: Callable[[], object], page: str = "") -> None:
        """Have a handler do an action while a page is in sight, or on every page if none is given."""
        if page and self._infos[name].pages and page not in self._infos[name].pages:
            raise KeyError(f"{name} is not declared for {page}")
        self._handlers[name, page] = handler
        self._enable((name,))

    def set_enabled(self, name: str, enabled: bool, page: str = "") -> None:
        """Enable an action of a page, or disable it."""
        if enabled:
            self._disabled.discard((name, page))
        else:
            self._disabled.add((name, page))
        self._enable((name,))

    def show_page(self, page: str) -> None:
        """Enable what a page can do, and disable what it can't."""
        self._page = page
        self._enable(self._actions)

    def is_enabled_on(self, name: str, page: str) -> bool:
        """Return whether an action can be done when a page is in sight."""
        return any((name, key) in self._handlers and (name, key) not in self._disabled for key in (page, ""))

    def button(self, name: str) -> QToolButton:
        """Return a new tool button for an action."""
        button = tool_button()
        button.setDefaultAction(self._actions[name])
        return button

    def toolbar(self) -> list[QToolButton]:
        """Return the buttons of the depth table's toolbar."""
        return [self.button(name) for name in _TOOLBAR]

    def fill_menu_bar(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus from the table, and return them by their keys."""
        menus = {}
        for key, title in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            for info in ACTIONS:
                if info.menu == key:
                    if info.begins_group:
                        menu.addSeparator()
                    menu.addAction(self._actions[info.name])
            menus[key] = menu
        return menus

    def menu_of_a_net(self) -> QMenu:
        """Return what the head of a column offers."""
        menu = QMenu(self._owner)
        menu.aboutToHide.connect(menu.deleteLater)
        for name in _OF_A_NET:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        return menu

    @Slot()
    def tint(self) -> None:
        """Draw the icons in the theme's colours."""
        for info in ACTIONS:
            if info.icon:
                self._actions[info.name].setIcon(theme.icon(info.icon, theme.current().text))

    def _trigger(self, name: str) -> None:
        handler = self._handlers.get((name, self._page)) or self._handlers.get((name, ""))
        if handler is not None:
            handler()

    def _enable(self, names: Iterable[str]) -> None:
        for name in names:
            self._actions[name].setEnabled(self.is_enabled_on(name, self._page))


def shortcut_text(info: ActionInfo) -> str:
    """Return the keys of an action as the system writes them."""
    keys = [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in info.keys]
    return _(" or ").join(keys)
