"""What a person prefers, in every start: each preference is declared here once, and the settings page is made of it."""

from __future__ import annotations

from typing import Any, Literal

from psygnal import Signal
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtGui import QGuiApplication

from resviz.base.settings import SETTINGS_FILE, read_values, set_aside, write_values
from resviz.base.translation import _
from resviz.gui.style import theme

MIN_ZOOM, MAX_ZOOM, ZOOM_STEP = 0.7, 2.5, 1.1
_ROOM = (1180, 680)
"""Width and height, in the system's pixels, at which nothing needs to be drawn smaller."""


class Preferences(BaseModel):
    """The preferences. A field's title and description are what the settings page shows."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Literal["system", "light", "dark"] = Field(
        "system", title=_("Theme"), description=_("Colours of the window: those of the desktop, light, or dark.")
    )
    zoom: float = Field(
        1.0,
        ge=MIN_ZOOM,
        le=MAX_ZOOM,
        title=_("Zoom"),
        description=_("Size of the text: 1 is the normal size. Ctrl and +, − or 0 change it too."),
    )
    language: str = Field(
        "",
        max_length=20,
        title=_("Language"),
        description=_("Language of the window, from the next start on. RESVIZ_LANGUAGE overrides it."),
    )
    english_terms: bool = Field(
        False,
        title=_("Technical terms in English"),
        description=_("Keep words like gradient in English in every language, from the next start on."),
    )
    keep_short_runs: bool = Field(
        False,
        title=_("Keep runs of fewer than 5 steps"),
        description=_("Keep also runs that were stopped before step 5."),
    )


def apply_theme(preferences: Preferences) -> None:
    """Put the application into the preferred theme and size."""
    wanted = {"light": theme.LIGHT, "dark": theme.DARK}.get(preferences.theme) or theme.system_theme()
    theme.apply(wanted, preferences.zoom * _screen_fit())


def _screen_fit() -> float:
    """Return how much smaller everything is drawn where the system's scale factor leaves little room for a window."""
    screen = QGuiApplication.primaryScreen()
    if screen is None or screen.devicePixelRatio() <= 1:
        return 1.0
    room = screen.availableSize()
    return max(MIN_ZOOM, min(1.0, room.width() / _ROOM[0], room.height() / _ROOM[1]))


class PreferenceStore:
    """The preferences in use. They are written to the settings file whenever they change."""

    changed = Signal()

    def __init__(self) -> None:
        values, aside = read_values(SETTINGS_FILE)
        try:
            self.current = Preferences.model_validate(values)
        except ValidationError:
            self.current, aside = Preferences(), set_aside(SETTINGS_FILE)
        self.problem = (
            _(
                "The settings file could not be read. It was renamed to {file}, and the default settings are used."
            ).format(file=aside)
            if aside
            else ""
        )
        """What was wrong with the file, or ""."""

    def update(self, **values: Any) -> None:
        """Change preferences, write them, and tell of it. Values that are not valid raise ValidationError."""
        changed = Preferences.model_validate({**self.current.model_dump(), **values})
        if changed == self.current:
            return
        self.current = changed
        write_values(SETTINGS_FILE, changed.model_dump())
        self.changed()
