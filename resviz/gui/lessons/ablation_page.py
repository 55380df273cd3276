"""What trained nets do without one of their blocks, and how long the paths are that their gradient takes."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.lessons.ablation_picture import BlockErrors, PathShares
from resviz.gui.lessons.saved_run_page import SavedRunPage

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.base.progress import Progress
    from resviz.experiments.ablation import AblatedRun


class AblationPage(SavedRunPage):
    """The page of the ablations: a plain and a residual net side by side."""

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
            _measure,
            runs,
            parent,
            plain_first=(True, False),
        )
        self._residual: AblatedRun | None = None
        self.errors, self.paths = BlockErrors(), PathShares()
        self._pictures = QWidget()
        row = QHBoxLayout(self._pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.errors, 3)
        row.addWidget(self.paths, 2)
        self.body.addWidget(self._pictures, 1)
        self.finish()

    @property
    @override
    def presented(self) -> QWidget:
        return self._pictures

    @property
    @override
    def answer_value(self) -> float:
        """The median error of a residual net without one of its blocks."""
        errors = _errors(self._residual) if self._residual is not None else []
        return statistics.median(errors) if errors else math.nan

    @override
    def show_found(self, found: list[Any]) -> str:
        """Draw the errors, and the paths of residual nets."""
        self.errors.set_runs(found)
        residual = [run for run in found if run.paths]
        self.paths.set_runs(residual)
        self._residual = residual[0] if residual else None
        return "  ".join(_sentence(run) for run in found)


def _measure(path: Path, progress: Progress) -> AblatedRun:
    from resviz.experiments.ablation import ablate_run  # torch, in the thread

    return ablate_run(path, progress)


def _errors(run: AblatedRun) -> list[float]:
    return [block.skipped for block in run.blocks if block.skipped is not None]


def _sentence(run: AblatedRun) -> str:
    """Return what was measured of a run, in a sentence."""
    errors = _errors(run)
    if not errors:
        return _("{net} has no block that x can pass by.").format(net=run.name)
    text = _(
        "The held-out error of {net} is {whole}. Without one of its blocks, the error is {least} to {most}; the "
        "median is {median}."
    )
    said = text.format(
        net=run.name,
        whole=f"{run.error:.1%}",
        least=f"{min(errors):.1%}",
        most=f"{max(errors):.1%}",
        median=f"{statistics.median(errors):.1%}",
    )
    if run.deeper is None:
        return said
    deeper = _("With one more identity block in each stage, its error is {error}.").format(error=f"{run.deeper:.1%}")
    return f"{said} {deeper}"
