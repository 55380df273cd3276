"""Whether the views that lessons ask for exist: a lesson is read without Qt, which the views need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.clean_text import clean_line
from resviz.base.translation import _
from resviz.gui.plots.views import train_views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resviz.experiments.lessons import Lesson

_MAX_SHOWN = 80


def unknown_views(lessons: Iterable[Lesson]) -> list[str]:
    """Return a line for each view of a lesson that does not exist."""
    known = {view.name for view in train_views()}
    known |= {f"{view.name}:{key}" for view in train_views() for key, _text in view.options}
    return [
        _("{lesson}: {view} is not a view. The guide to lessons lists all views.").format(
            lesson=lesson.name, view=clean_line(view)[:_MAX_SHOWN]
        )
        for lesson in lessons
        for view in lesson.views.values()
        if view not in known
    ]
