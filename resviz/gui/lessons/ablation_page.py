"""What trained nets do without one of their blocks, and how long the paths are that their gradient takes."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget
from typing_extensions import override

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.gui.lessons.ablation_picture import BlockErrors, PathShares
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.style.widgets import StillComboBox, plain
from resviz.gui.workers.file_reader import FileReader
from resviz.runs.folder import RunFolder
from resviz.runs.library import default_folder, ids

if TYPE_CHECKING:
    from resviz.base.progress import Progress
    from resviz.experiments.ablation import AblatedRun

_PLACES = 2
_OFFERED = 60
"""The newest runs, of which those with weights are offered."""


class _Offered(NamedTuple):
    """A run with weights, and what is said of it."""

    path: Path
    words: str
    is_plain: bool


class AblationPage(LessonPage):
    """The page of the ablations: two saved runs with their weights, measured in a thread."""

    title = _("Without a block")

    def __init__(self, runs: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "Can a net do without one of its blocks? If each block changes x only a little, x can pass by it. Take "
                "each away in turn and see what the net still knows."
            ),
            _(
                "Veit, Wilber and Belongie 2016, arXiv 1605.06431, sections 4.1 and 4.3. A residual block is skipped "
                "by F(x) = 0, a plain block by x itself where it keeps the dimensions. Paths: eq. 4 and 5 of "
                '"Identity Mappings", multiplied out; the gradient of a path is measured for 8 paths of each length.'
            ),
            parent,
        )
        self._folder = runs
        self._waiting: list[Path] = []
        self._measured: dict[Path, AblatedRun] = {}
        self._reader = FileReader(_measure, self)
        self._reader.found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._reader.progressed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self.choices = [StillComboBox() for _place in range(_PLACES)]
        for number, box in enumerate(self.choices, 1):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setAccessibleName(_("run {number}").format(number=number))
            box.setToolTip(_("A saved run with its last weights."))
            box.activated.connect(self._show)
            self.numbers.addWidget(box, 1)
        self.measure = QPushButton(_("Measure"))
        self.measure.setToolTip(plain(_("Measure the held-out error without each block of these nets.")))
        self.measure.clicked.connect(self.start)
        self.stop = QPushButton(_("Stop"))
        self.stop.setToolTip(plain(_("Stop measuring.")))
        self.stop.setEnabled(False)
        self.stop.clicked.connect(self._reader.cancel)
        for widget in (self.measure, self.stop):
            self.numbers.addWidget(widget)
        self.errors, self.paths = BlockErrors(), PathShares()
        row = QHBoxLayout()
        row.addWidget(self.errors, 3)
        row.addWidget(self.paths, 2)
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setWordWrap(True)
        self.body.addLayout(row, 1)
        self.body.addWidget(self.result)
        self.finish()

    @override
    def refresh(self) -> None:
        """List the runs that have weights, and keep what is chosen."""
        offered = self._offered()
        paths = [run.path for run in offered]
        # A plain net beside another is what the lecture compares.
        plain_first = sorted(range(len(offered)), key=lambda number: not offered[number].is_plain)
        others_first = sorted(range(len(offered)), key=lambda number: offered[number].is_plain)
        for box, order in zip(self.choices, (plain_first, others_first), strict=True):
            chosen = box.currentData()
            box.clear()
            for run in offered:
                box.addItem(run.words, run.path)
            box.setCurrentIndex(paths.index(chosen) if chosen in paths else order[0] if order else -1)
        self.measure.setEnabled(bool(offered) and not self._waiting)
        if not offered:
            self.result.setText(
                _(
                    "No saved run has weights yet. Train two nets (Ctrl+2), for example the lesson of 20 layers with "
                    "norm batch, and come back."
                )
            )
            return
        self._show()

    @Slot()
    def start(self) -> None:
        """Measure the chosen runs, in a thread."""
        self._waiting = [path for path in self._chosen() if path not in self._measured]
        for path in self._waiting:
            self._reader.want(path)
        self._show()

    def shut_down(self) -> None:
        """Stop measuring."""
        self._reader.shut_down()

    def _offered(self) -> list[_Offered]:
        folder, found = self._folder or default_folder(), list[_Offered]()
        for id in ids(folder)[:_OFFERED]:
            path = folder / id
            if not (path / "checkpoint.safetensors").exists():
                continue
            try:
                info = RunFolder(path).info
                error = "" if info.error is None else f", {info.error:.1%}"
                spec = info.net
            except ResvizError:
                continue  # COMPARE says what is wrong with it
            words = _("{net}, {steps} steps{error}").format(net=spec.label, steps=info.steps, error=error)
            found.append(_Offered(path, words, spec.unit == "plain"))
        return found

    def _chosen(self) -> list[Path]:
        return list(dict.fromkeys(path for box in self.choices if isinstance(path := box.currentData(), Path)))

    @Slot()
    def _show(self) -> None:
        """Draw what was measured of the chosen runs."""
        chosen = self._chosen()
        runs = [self._measured[path] for path in chosen if path in self._measured]
        self.errors.set_runs(runs)
        self.paths.set_runs([run for run in runs if run.paths])
        self.measure.setEnabled(not self._waiting and any(path not in self._measured for path in chosen))
        self.stop.setEnabled(bool(self._waiting))
        self.result.setText("  ".join(_sentence(run) for run in runs))

    @Slot(float)
    def _tell(self, share: float) -> None:
        if self._waiting:
            done = _PLACES - len(self._waiting) if len(self._chosen()) == _PLACES else 0
            text = _("Measuring net {number}: {share}").format(number=done + 1, share=f"{share:.0%}")
            self.result.setText(text)

    @Slot(object)
    def _take(self, found: object) -> None:
        path = self._waiting.pop(0) if self._waiting else None
        if isinstance(found, ResvizError):
            self._waiting.clear()
            self._show()
            self.result.setText(str(found))
            return
        if path is not None:
            self._measured[path] = found  # type: ignore[assignment]
        self._show()


def _measure(path: Path, progress: Progress) -> AblatedRun:
    from resviz.experiments.ablation import ablate_run  # torch, in the thread

    return ablate_run(path, progress)


def _sentence(run: AblatedRun) -> str:
    """Return what was measured of a run, in a sentence."""
    errors = [block.skipped for block in run.blocks if block.skipped is not None]
    if not errors:
        return _("{net} has no block that x can pass by.").format(net=run.name)
    text = _(
        "{net} errs on {whole} of the held-out images, and without one block on {least} to {most}, in the median on "
        "{median}."
    )
    return text.format(
        net=run.name,
        whole=f"{run.error:.1%}",
        least=f"{min(errors):.1%}",
        most=f"{max(errors):.1%}",
        median=f"{statistics.median(errors):.1%}",
    )
