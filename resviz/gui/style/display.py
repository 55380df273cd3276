"""What the program is shown on."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from resviz.base.translation import _


def display_text() -> str:
    """Return Qt's platform, and size and scale of the first screen."""
    screen = QGuiApplication.primaryScreen()
    return _("{platform}, {width}×{height}, scale {scale:g}").format(
        platform=QGuiApplication.platformName(),
        width=screen.size().width(),
        height=screen.size().height(),
        scale=screen.devicePixelRatio(),
    )
