"""The whole window: its frame with the pages, the menu bar, and the settings that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        if self.preferences.problem:
            self.say(self.preferences.problem)
