"""A held-out image's way through a trained net: maps, filters, the answer; and all mistakes of the net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.base.errors import ResvizError
from resviz.base.translation import _, ngettext
from resviz.gui.lessons.drawing_pad import DrawingPad
from resviz.gui.lessons.image_way_picture import Confusion, ImageWay, picture
from resviz.gui.lessons.saved_run_page import SavedRunPage
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain
from resviz.gui.workers.file_reader import FileReader

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from resviz.base.progress import Progress
    from resviz.experiments.inspection import InspectedRun
    from resviz.training.inspection import InspectedImage

_ICON = 56


class ImageWayPage(SavedRunPage):
    """The page of the images: choose one below, its way is drawn above."""

    title = _("An image's way")

    def __init__(self, runs: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "What does a net make of an image? Its maps become smaller and more numerous, from edges to what "
                "tells classes apart. Choose an image below, where the worst mistakes come first, or draw a digit, or "
                "drop a picture."
            ),
            _(
                "Each map is drawn from black, its least value, to white, its largest. Of each stage the first 8 "
                "channels are shown, after its last operation. Filters: the weights of the first convolution, as "
                "the mean over its input channels."
            ),
            _look,
            runs,
            parent,
        )
        self.run: InspectedRun | None = None
        self._drawing: np.ndarray | None = None
        self._drawn_reader = FileReader(self._look_at_drawing, self)
        self._drawn_reader.found.connect(self._show_drawing, Qt.ConnectionType.QueuedConnection)
        self.setAcceptDrops(True)
        self.pad = DrawingPad()
        self.pad.drawn.connect(self._answer_drawing)
        self.clear = QPushButton(_("Clear"))
        self.clear.setToolTip(plain(_("Empty the drawing pad.")))
        self.clear.clicked.connect(self.pad.clear)
        self.way, self.confusion = ImageWay(), Confusion()
        self.way.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.images = QListWidget()
        self.images.setViewMode(QListView.ViewMode.IconMode)
        self.images.setIconSize(QSize(_ICON, _ICON))
        self.images.setMovement(QListView.Movement.Static)
        self.images.setResizeMode(QListView.ResizeMode.Adjust)
        self.images.setAccessibleName(_("held-out images"))
        self.images.setToolTip(_("Choose an image, with the mouse or the arrow keys."))
        self.images.currentRowChanged.connect(self._choose)
        below = QHBoxLayout()
        self.images.hide()
        drawing = QVBoxLayout()
        drawing.addWidget(self.pad, 1)
        drawing.addWidget(self.clear)
        self._drawing_place = QWidget()
        self._drawing_place.setLayout(drawing)
        drawing.setContentsMargins(0, 0, 0, 0)
        self._drawing_place.hide()
        below.addWidget(self._drawing_place, 1)
        below.addWidget(self.images, 2)
        below.addWidget(self.confusion, 1)
        self.body.addWidget(self.way, 3)
        self.body.addLayout(below, 2)
        self.finish()

    @override
    def show_found(self, found: list[Any]) -> str:
        """Show the images of the run, the mistakes first."""
        run = found[0] if found else None
        if run is not self.run:
            self.run = run
            self._fill()
        if run is None:
            return ""
        wrong = int(run.confusion.sum() - run.confusion.trace())
        if run.others and run.others[0].pixels is not None:
            text = _("{net} answers at each pixel, and errs on {error} of the pixels of the held-out images.")
            return text.format(net=run.name, error=f"{run.error:.1%}")
        text = ngettext(
            "{net} answers {wrong} of {count} held-out images wrongly ({error}).",
            "{net} answers {wrong} of {count} held-out images wrongly ({error}).",
            wrong,
        )
        return text.format(net=run.name, wrong=wrong, count=int(run.confusion.sum()), error=f"{run.error:.1%}")

    def _fill(self) -> None:
        self.images.clear()
        self.images.setVisible(self.run is not None)
        self._drawing_place.setVisible(self.run is not None)
        for image in self._shown():
            item = QListWidgetItem(QIcon(QPixmap.fromImage(_enlarged(image))), _caption(image))
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            self.images.addItem(item)
        if self.run is None:
            self.way.set_image(None)
        else:
            self.confusion.set_counts(self.run.confusion)
            self.images.setCurrentRow(0)

    def _shown(self) -> list[InspectedImage]:
        return [*self.run.mistakes, *self.run.others] if self.run else []

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.run is not None and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        """Have the net answer a picture that is dropped onto the page."""
        path = next(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()
        if not self.pad.load(path):
            self.result.setText(_("{file} is not a picture. Use a PNG or JPEG file.").format(file=path))

    @override
    def shut_down(self) -> None:
        """Stop looking, at runs and at drawings."""
        super().shut_down()
        self._drawn_reader.shut_down()

    @Slot(object)
    def _answer_drawing(self, pixels: np.ndarray) -> None:
        """Have the chosen run's net answer a drawing, in a thread."""
        path = self.choices[0].currentData()
        if self.run is not None and path is not None:
            self._drawing = pixels
            self._drawn_reader.want(path)

    def _look_at_drawing(self, path: Path, _progress: Progress) -> InspectedImage:
        from resviz.experiments.inspection import inspect_drawn  # torch, in the thread

        assert self._drawing is not None
        return inspect_drawn(path, self._drawing)

    @Slot(object)
    def _show_drawing(self, found: object) -> None:
        if isinstance(found, ResvizError):
            self.result.setText(str(found))
        elif self.run is not None:
            self.images.clearSelection()
            self.way.set_image(found, theme.of(self.way).net_colour(self.run.unit))  # type: ignore[arg-type]

    @Slot(int)
    def _choose(self, row: int) -> None:
        shown = self._shown()
        if self.run is not None and 0 <= row < len(shown):
            self.way.set_image(shown[row], theme.of(self.way).net_colour(self.run.unit))


def _enlarged(image: InspectedImage) -> Any:
    return picture(image.image).scaled(_ICON, _ICON, Qt.AspectRatioMode.KeepAspectRatio)


def _caption(image: InspectedImage) -> str:
    if image.answer == image.label:
        return str(image.label)
    return _("{label}, not {answer}").format(label=image.label, answer=image.answer)


def _look(path: Path, progress: Progress) -> InspectedRun:
    from resviz.experiments.inspection import inspect_run  # torch, in the thread

    return inspect_run(path, progress)
