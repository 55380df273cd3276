"""A page of LESSONS, opened as a person opens it."""

from __future__ import annotations

from typing import TypeVar

from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.main_window import MainWindow

_Page = TypeVar("_Page", bound=LessonPage)


def open_illustration(window: MainWindow, key: str, kind: type[_Page]) -> _Page:
    """Open LESSONS, click the chip of an illustration, and return its page."""
    window.open("lessons")
    window.show()
    lessons = window.open_lessons()
    lessons.chips.button(key).click()
    page = lessons.pages[key]
    assert isinstance(page, kind)
    return page
