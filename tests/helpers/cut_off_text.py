"""Prints the texts of the window that are cut off, as JSON: `python -m tests.helpers.cut_off_text 1280 720`.

Run it with RESVIZ_LANGUAGE=pseudo to see what a longer language cuts off.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTextBrowser, QToolButton, QWidget

from resviz.experiments.lessons import story
from resviz.gui.app import make_application
from resviz.gui.lessons.lessons_view import KINDS
from resviz.gui.main_window import MainWindow
from resviz.gui.style.widgets import ElidedLabel

_PATIENCE = 2
"""Pixels by which a text may be wider than its widget: a font's overhang is not cut off."""


def cut_off(root: QWidget) -> Iterator[str]:
    """Yield the visible texts that have less room than they need."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, ElidedLabel | QTextBrowser):
            continue
        if isinstance(widget, QLabel):
            if widget.wordWrap() or not widget.text() or widget.pixmap().width() or widget.text().startswith("<"):
                continue
            needed = widget.fontMetrics().boundingRect(widget.text()).width()
        elif isinstance(widget, QAbstractButton) and widget.text():
            if isinstance(widget, QToolButton) and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
                continue
            needed = max(map(widget.fontMetrics().horizontalAdvance, widget.text().split("\n")))
        else:
            continue
        if needed > widget.contentsRect().width() + _PATIENCE:
            yield f"{widget.text()!r}: {widget.contentsRect().width()} of {needed} pixels"


def main() -> None:
    """Open every workspace and print what is cut off, by workspace."""
    application: QApplication = make_application()
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(Path(folder))
        window.confirm = lambda title, text: True  # nobody is there to answer
        window.resize(*map(int, sys.argv[1:3]))
        window.show()
        for page in ("build", "train", "compare"):
            window.open(page)
            for _turn in range(5):
                application.processEvents()
            found[page] = list(cut_off(window))
            if page == "train":
                window.open_train().view.recipe.click()
                application.processEvents()
                found["recipe"] = list(cut_off(window))
        window.open("claims")
        application.processEvents()
        found["claims"] = list(cut_off(window))
        window.open("lessons")
        illustrations = window.open_lessons()
        for lesson in story():
            illustrations.story.show_lesson(lesson)
            illustrations.story.answer(0)
            application.processEvents()
            found[f"story {lesson.name}"] = list(cut_off(window))
        for key in KINDS:
            illustrations.show_page(key)
            application.processEvents()
            found[f"illustration {key}"] = list(cut_off(window))
        window.close()
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
