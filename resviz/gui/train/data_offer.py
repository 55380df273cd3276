"""Offers to fetch the data that a recipe asks for and that is not here, and does so beside the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from resviz.gui.workers.download_thread import DownloadThread
from resviz.training.data.data_sets import DATA, default_data_folder
from resviz.training.data.download import missing

_MEGA = 1_000_000


class DataOffer(QObject):
    """Offers a download. `offered` has the text of the button, and `problem` what went wrong; "" hides them."""

    offered = Signal(str)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._download: DownloadThread | None = None

    @property
    def busy(self) -> bool:
        """Whether a download is under way."""
        return self._download is not None and self._download.isRunning()

    def look(self, name: str) -> None:
        """Offer what is missing of a data set. A running download continues."""
        self._name = name
        if self._download is None:
            self._offer()

    def shut_down(self) -> None:
        """Stop a download and wait for its end."""
        if self._download is not None:
            self._download.shut_down()

    @Slot()
    def fetch_or_stop(self) -> None:
        """Start the download of the data set. While it runs, stop it."""
        if self._download is not None:
            self._download.stop()
            return
        self.problem.emit("")
        self._download = DownloadThread(DATA[self._name], default_data_folder(self._name), self)
        self._download.progressed.connect(self._progressed)
        self._download.ended.connect(self._ended)
        self._download.finished.connect(self._finished)
        self._download.start()

    @Slot(str, object, object)
    def _progressed(self, name: str, done: int, of: int) -> None:
        whole = f" of {of / _MEGA:.0f}" if of else ""
        self.offered.emit(f"{name}: {done / _MEGA:.0f}{whole} MB. Stop")

    @Slot(str)
    def _ended(self, message: str) -> None:
        self.problem.emit(message)

    @Slot()
    def _finished(self) -> None:
        if self._download is not None:
            self._download.deleteLater()
            self._download = None
        self._offer()

    def _offer(self) -> None:
        info = DATA[self._name]
        absent = missing(info, default_data_folder(self._name))
        size = sum(file.size for file in absent)
        about = f" ({size / _MEGA:.0f} MB)" if size else ""
        where = absent[0].url.split("/")[2] if absent else ""
        self.offered.emit(f"Fetch {info.title}{about} from {where}" if absent else "")
