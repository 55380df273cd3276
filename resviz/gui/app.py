"""Starts the window. No torch here, nor in anything this imports: a worker loads it before the first run."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from resviz.base.memory import use_one_arena
from resviz.base.translation import _, language
from resviz.gui.main_window import MainWindow
from resviz.gui.shell.garbage import collect_between_actions
from resviz.gui.shell.preferences import Preferences, PreferenceStore, apply_theme
from resviz.gui.shell.window_memory import WindowMemory
from resviz.gui.style import theme
from resviz.gui.style.fonts import missing_font
from resviz.gui.style.widgets import FRAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

X_LIBRARIES = "apt install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxkbcommon-x11-0 (Debian, Ubuntu)"


_PRELOAD_AFTER_MS = 300
"""By then the window is painted, and open files are being read."""


def make_application(arguments: list[str] | None = None, preferences: Preferences | None = None) -> QApplication:
    """Return the application, in the preferred theme or that of the system. Make it if there is none yet."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(arguments or ["resviz"])
    application.setApplicationName("resviz")
    application.setApplicationDisplayName("Resviz")
    apply_theme(preferences or Preferences())
    _translate_qt(application)
    return application


def _translate_qt(application: QApplication) -> None:
    """Load Qt's own translation, for the buttons of its dialogs."""
    translator = QTranslator(application)
    if translator.load(
        QLocale(language()), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ):
        application.installTranslator(translator)


def run(files: Sequence[str] = (), followed: Sequence[Path] = ()) -> int:
    """Open the window with some files or followed runs, stay until it is closed, and return the exit status."""
    problem = display_problem(sys.platform, os.environ)
    if problem:
        sys.stderr.write(f"resviz: {problem}\n")
        return 2
    use_one_arena()
    preferences, memory = PreferenceStore(), WindowMemory()
    application = make_application(preferences=preferences.current)
    with theme.styled_at_the_end():
        window = MainWindow(preferences=preferences, document=memory.document())
    if not memory.restore(window):
        window.resize(window.size().boundedTo(window.screen().availableSize() - FRAME))
    window.closed.connect(memory.save)
    problem = missing_font()
    if problem:
        sys.stderr.write(f"resviz: {problem}\n")
        window.statusBar().showMessage(problem)
    window.show()
    window.window_actions.open_paths(files)
    if followed:
        window.follow(list(followed))
    QTimer.singleShot(0, window, partial(collect_between_actions, window))
    QTimer.singleShot(_PRELOAD_AFTER_MS, window, window.preloader.start)
    status = application.exec()
    if window.still_working():
        # A large net's checkpoint may outlast any patience, and Qt aborts where a thread outlives it. Every row that
        # was measured is on disk; the run will show as interrupted.
        sys.stdout.flush()
        os._exit(status)
    return status


def display_problem(platform: str, environment: Mapping[str, str]) -> str:
    """Return why Qt would abort on this system, or ""."""
    if not platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return ""
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        return _(
            "There is no display: DISPLAY and WAYLAND_DISPLAY are not set. `resviz show` and `resviz "
            "train` work without a display."
        )
    if environment.get("WAYLAND_DISPLAY"):
        return ""
    missing = missing_library(Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforms", "libqxcb.so"))
    return (
        _("Qt can't open a window: {reason}. Install the missing libraries: {command}").format(
            reason=missing, command=X_LIBRARIES
        )
        if missing
        else ""
    )


def missing_library(plugin: Path) -> str:
    """Return what the system's loader misses for a plugin of Qt, or ""."""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return ""
