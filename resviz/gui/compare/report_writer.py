"""Writes the report of a comparison part by part, so that the window stays in use meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.base.errors import user_message
from resviz.base.translation import _
from resviz.gui.compare.report_figures import draw_figures, finish_report
from resviz.gui.files import dialogs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from resviz.gui.plots.scene import Scene
    from resviz.results.report import ReportFigure


class ReportWriter(QObject):
    """`status_message` says what is done, and `problem` why no report could be written."""

    status_message = Signal(str)
    problem = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._scene: Scene | None = None
        self._path: Path | None = None
        self._figures: list[ReportFigure] = []
        self._left: Iterator[ReportFigure | None] = iter(())
        self._next = QTimer(self)
        self._next.setInterval(0)
        self._next.timeout.connect(self._draw_next)

    @property
    def busy(self) -> bool:
        """Whether a report is being written."""
        return self._next.isActive()

    def ask(self, scene: Scene) -> None:
        """Ask for a file, and write the report of what a scene shows now."""
        path = dialogs.ask_where(self._page, _("Save report"), "comparison.html", [("html", "HTML")])
        if path is not None:
            self.start(scene, path)

    def start(self, scene: Scene, path: Path) -> None:
        """Write a report. One that is being written is given up."""
        self._scene, self._path, self._figures, self._left = scene, path, [], draw_figures(scene)
        self.status_message.emit(_("drawing the report"))
        self._next.start()

    def shut_down(self) -> None:
        """Give up a report that is not finished."""
        self._next.stop()
        self._scene, self._left = None, iter(())

    @Slot()
    def _draw_next(self) -> None:
        """Draw a part of a figure. Widgets are drawn in the window's thread, so each part has a turn of its own."""
        scene, path = self._scene, self._path
        if scene is None or path is None:
            self._next.stop()
            return
        try:
            for figure in self._left:
                if figure is not None:
                    self._figures.append(figure)
                return
            self._next.stop()
            dialogs.write(path, finish_report(scene, self._figures).encode())
        except dialogs.FileProblem as error:
            self.problem.emit(str(error))
        except Exception as error:  # what runs of strangers hold must not end the window
            self.problem.emit(_("The report could not be made: {reason}").format(reason=user_message(error)))
        else:
            self.status_message.emit(_("wrote {file}").format(file=path))
        self.shut_down()
