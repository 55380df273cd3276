"""Loads the code of the pages beside the window, so that nobody waits for it who opens one."""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module
from threading import Thread

PAGE_MODULES = (
    "resviz.gui.train.train_controller",
    "resviz.gui.train.train_view",
    "resviz.gui.compare.compare_controller",
    "resviz.gui.compare.compare_view",
    "resviz.gui.lessons.lessons_view",
    "resviz.gui.claims.claims_page",
)
"""What `WindowFrame` imports when a page is first opened."""


class PagePreloader:
    """Imports the pages' modules in a thread. Only code is made there: widgets are the window's thread's."""

    def __init__(self) -> None:
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to load."""
        if self._thread is None:
            self._thread = Thread(target=_load, name="page modules")
            self._thread.start()

    def wait(self) -> None:
        """Wait until all is loaded, if that has begun. Two threads must not import modules that need each other."""
        if self._thread is not None:
            self._thread.join()


def _load() -> None:
    with suppress(ImportError):  # the page itself reports what is missing
        for module in PAGE_MODULES:
            import_module(module)
        from resviz.experiments.lessons import lessons

        lessons()
    gc.freeze()
