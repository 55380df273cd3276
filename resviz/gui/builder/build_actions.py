"""What can be done with a depth table: each action once, for the toolbar, the head's menu and the keyboard."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from resviz.base.translation import _
from resviz.gui.style import theme


@dataclass(frozen=True)
class _ActionInfo:
    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""


_ACTIONS = (
    _ActionInfo("undo", _("Undo"), ("Ctrl+Z",), "undo"),
    _ActionInfo("redo", _("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    _ActionInfo("duplicate", _("Duplicate net"), ("Ctrl+D",), "duplicate"),
    _ActionInfo("rename", _("Rename net"), ("Ctrl+R",), "rename"),
    _ActionInfo("remove", _("Close net"), ("Ctrl+Del",), "remove"),
    _ActionInfo("left", _("Move net left"), ("Ctrl+Shift+Left",), "left"),
    _ActionInfo("right", _("Move net right"), ("Ctrl+Shift+Right",), "right"),
    _ActionInfo("open", _("Open spec…"), ("Ctrl+O",), "open"),
    _ActionInfo("save", _("Save spec…"), ("Ctrl+S",), "save"),
    _ActionInfo("find", _("Find layer"), ("Ctrl+F",)),
    _ActionInfo("picture", _("Save picture…"), ("Ctrl+P",)),
)
_TOOLBAR = ("undo", "redo", "", "duplicate", "rename", "remove", "left", "right", "", "open", "save")
_OF_A_NET = ("rename", "duplicate", "remove", "", "left", "right", "", "save")


class BuildActions:
    """QActions by name, and the buttons and menus made of them."""

    def __init__(self, owner: QWidget) -> None:
        self._owner = owner
        self._actions: dict[str, QAction] = {}
        for known in _ACTIONS:
            action = QAction(known.text, owner)
            action.setShortcuts([QKeySequence(keys) for keys in known.keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(f"{known.text.rstrip('…')} ({known.keys[0]})")
            owner.addAction(action)
            self._actions[known.name] = action
        self.tint()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def tools(self) -> list[QToolButton | None]:
        """Return the toolbar's buttons; None is a gap."""
        return [self.button(name) if name else None for name in _TOOLBAR]

    def button(self, name: str) -> QToolButton:
        """Return a new tool button for an action."""
        button = tool_button()
        button.setDefaultAction(self._actions[name])
        return button

    def menu_of_a_net(self) -> QMenu:
        """Return what the head of a column offers."""
        menu = QMenu(self._owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in _OF_A_NET:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        return menu

    @Slot()
    def tint(self) -> None:
        """Draw the icons in the theme's colours."""
        for known in _ACTIONS:
            if known.icon:
                self._actions[known.name].setIcon(theme.icon(known.icon, theme.current().text))


def tool_button() -> QToolButton:
    """Return a flat button for a toolbar, reachable with Tab."""
    button = QToolButton()
    button.setObjectName("tool")
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
