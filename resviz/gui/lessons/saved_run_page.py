"""A lesson about saved runs: it offers those that have weights, and looks into the chosen ones in a thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget
from typing_extensions import override

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.style.widgets import StillComboBox, plain
from resviz.gui.workers.file_reader import FileReader
from resviz.runs.folder import RunFolder
from resviz.runs.library import default_folder, ids, sample_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resviz.base.progress import Progress

_OFFERED = 20
"""The newest runs, of which those with weights are offered."""


class OfferedRun(NamedTuple):
    """A run that has weights, and its text in the menu."""

    path: Path
    words: str
    is_plain: bool
    is_sample: bool
    """Whether it came with the program."""
    is_finished: bool


class SavedRunPage(LessonPage):
    """Subclasses say how runs are looked into, and show what was found."""

    def __init__(
        self,
        question: str,
        source: str,
        look: Callable[[Path, Progress], Any],
        runs: Path | None = None,
        parent: QWidget | None = None,
        *,
        plain_first: Sequence[bool | None] = (False,),
    ) -> None:
        """Make the controls.

        Args:
            question: What the lesson asks.
            source: Where it is from.
            look: Looks into a run, in a thread.
            runs: Folder of the saved runs; None takes the user's.
            parent: Parent of the page.
            plain_first: For each place for a run, whether a plain net is offered first, and a finished one before a
                stopped one; None for the newest run.
        """
        super().__init__(question, source, parent)
        self._folder, self._plain_first = runs, plain_first
        self._samples_first = False
        self._first_chosen: tuple[object, ...] = ()
        """The runs that were chosen when the page was first shown."""
        self._waiting: list[Path] = []
        """Runs that the reader was asked for, in the order in which its answers come."""
        self._found: dict[tuple[Path, int], Any] = {}
        self._problems: list[str] = []
        self._reader = FileReader(look, self)
        self._reader.found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._reader.progressed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self.choices = [StillComboBox() for _place in plain_first]
        for number, box in enumerate(self.choices, 1):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setAccessibleName(_("run {number}").format(number=number))
            box.setPlaceholderText(_("Choose a run"))
            box.setToolTip(_("A saved run with its last weights."))
            box.activated.connect(self._show)
            self.numbers.addWidget(box, 1)
        self.measure = QPushButton(_("Measure"))
        self.measure.setToolTip(plain(_("Load the weights of what is chosen, and measure.")))
        self.measure.clicked.connect(self.start)
        self.stop = QPushButton(_("Stop"))
        self.stop.setToolTip(plain(_("Stop measuring.")))
        self.stop.setEnabled(False)
        self.stop.clicked.connect(self._reader.cancel)
        for button in (self.measure, self.stop):
            self.numbers.addWidget(button)
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setWordWrap(True)
        self.body.addWidget(self.result)

    @override
    def settings(self) -> tuple[object, ...]:
        """Return the chosen runs too."""
        return (*super().settings(), *(box.currentData() for box in self.choices))

    @property
    @override
    def is_as_opened(self) -> bool:
        """Whether the runs are those that were offered first."""
        return self.settings()[-len(self.choices) :] == self._first_chosen

    @override
    def restore(self) -> None:
        for box, path in zip(self.choices, self._first_chosen, strict=True):
            box.setCurrentIndex(box.findData(path))
        self._show()

    @override
    def prepare_question(self) -> None:
        """Offer the runs that came with the program first: the answer is known for them."""
        self._samples_first = True

    def show_found(self, found: list[Any]) -> str:
        """Draw the results of the chosen runs that were measured. Return a sentence about each."""
        raise NotImplementedError

    @override
    def refresh(self) -> None:
        """List the runs that have weights, and keep what is chosen."""
        if not self.isVisible():
            return  # reading runs takes a while, and the page is refreshed when it is shown
        offered = self._offered()
        paths = [run.path for run in offered]
        for place, (box, plain_first) in enumerate(zip(self.choices, self._plain_first, strict=True)):
            order = list(range(len(offered)))
            if plain_first is not None:
                order.sort(
                    key=lambda at, first=plain_first: (  # type: ignore[misc]
                        offered[at].is_plain != first,
                        self._samples_first and not offered[at].is_sample,
                        not offered[at].is_finished,
                    )
                )
            order = order[self._plain_first[:place].count(plain_first) :]  # each place another run
            chosen = box.currentData()
            box.clear()
            for run in offered:
                box.addItem(run.words, run.path)
            box.setCurrentIndex(paths.index(chosen) if chosen in paths else order[0] if order else -1)
        if not any(self._first_chosen):
            self._first_chosen = tuple(box.currentData() for box in self.choices)
        self._show()

    @property
    @override
    def status(self) -> str:
        return self.result.text()

    @Slot()
    @override
    def start(self) -> None:
        """Look into the chosen runs, in a thread."""
        if not self._waiting:
            self._problems = []
            self._waiting = [path for path in self._chosen() if _key(path) not in self._found]
            for path in self._waiting:
                self._reader.want(path)
        self._show()

    @override
    def shut_down(self) -> None:
        """Stop looking."""
        self._reader.shut_down()

    def _offered(self) -> list[OfferedRun]:
        own, samples, found = self._folder or default_folder(), sample_folder(), list[OfferedRun]()
        paths = [*[own / id for id in ids(own)[:_OFFERED]], *[samples / id for id in ids(samples)]]
        for path in paths:
            if not (path / "checkpoint.safetensors").exists():
                continue
            try:
                info = RunFolder(path).info
                spec = info.net
            except ResvizError:
                continue  # COMPARE says what is wrong with it
            error = "" if info.error is None else f", {info.error:.1%}"
            text = (
                _("{net}, {steps} steps{error}") if info.state == "finished" else _("{net}, stopped at {steps}{error}")
            )
            words = text.format(net=spec.label, steps=info.steps, error=error)
            found.append(
                OfferedRun(path, words, spec.unit == "plain", path.parent == samples, info.state == "finished")
            )
        return found

    def _chosen(self) -> list[Path]:
        return list(dict.fromkeys(path for box in self.choices if isinstance(path := box.currentData(), Path)))

    @Slot()
    def _show(self) -> None:
        chosen = self._chosen()
        self.measure.setEnabled(not self._waiting and any(_key(path) not in self._found for path in chosen))
        self.stop.setEnabled(bool(self._waiting))
        said = self.show_found([self._found[key] for path in chosen if (key := _key(path)) in self._found])
        if not chosen:
            said = _(
                "No saved run has weights yet. Train two nets (Ctrl+2), for example the lesson of 20 layers with norm "
                "batch, and come back."
            )
        elif not said and self._waiting:
            said = _("Measuring …")
        elif not said and not self._waiting and not self._problems:
            said = _("Press Measure: the weights are loaded, and the held-out images are shown to the net.")
        self.result.setText("  ".join(filter(None, (said, *self._problems))))

    @Slot(float)
    def _tell(self, share: float) -> None:
        if self._waiting:
            self.result.setText(
                _("Measuring {run}: {share}").format(run=self._words(self._waiting[0]), share=f"{share:.0%}")
            )

    def _words(self, path: Path) -> str:
        """Return the text of a run in the menu."""
        box = self.choices[0]
        return next((box.itemText(at) for at in range(box.count()) if box.itemData(at) == path), path.name)

    @Slot(object)
    def _take(self, found: object) -> None:
        path = self._waiting.pop(0)
        if isinstance(found, ResvizError):
            self._problems.append(str(found))
        else:
            self._found[_key(path)] = found
        self._show()


def _key(path: Path) -> tuple[Path, int]:
    """Return what tells a run's weights from those it had before it was resumed."""
    try:
        return path, (path / "checkpoint.safetensors").stat().st_mtime_ns
    except OSError:
        return path, 0
