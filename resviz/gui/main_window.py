"""The whole window: its frame with the pages, the menu bar, and the settings that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from resviz.gui.shell.areas import focus_page
from resviz.gui.shell.preferences import PreferenceStore
from resviz.gui.shell.window_actions import WindowActions
from resviz.gui.shell.window_frame import WindowFrame

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.gui.builder.document import Document


class MainWindow(WindowFrame):
    """The window as people see it."""

    def __init__(
        self,
        runs: Path | None = None,
        preferences: PreferenceStore | None = None,
        document: Document | None = None,
    ) -> None:
        """Make the window, as `WindowFrame` does, with preferences: those of the settings file unless given."""
        super().__init__(runs, document)
        self.preferences = preferences or PreferenceStore()
        self.window_actions = WindowActions(self, self.preferences)
        self.menus = self.actions_.fill_menu_bar(self.menuBar())
        self.menuBar().installEventFilter(self)
        if self.preferences.problem:
            self.say(self.preferences.problem)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leaves the menu bar. Qt leaves the keyboard there if several menus were opened one after another."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and watched is self.menuBar():
            QTimer.singleShot(0, self, self._leave_menus)
        return super().eventFilter(watched, event)

    @Slot()
    def _leave_menus(self) -> None:
        if QApplication.focusWidget() is self.menuBar():
            focus_page(self)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let a key find the page again where no widget has the keyboard."""
        if QApplication.focusWidget() in (None, self) and not self.isFullScreen():
            focus_page(self)
        else:
            super().keyPressEvent(event)
