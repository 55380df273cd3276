"""Several trained nets that answer together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.gui.lessons.saved_run_page import SavedRunPage
from resviz.gui.plots.sum_bars import Bar, SumBars

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from resviz.base.progress import Progress
    from resviz.experiments.ensemble import MemberAnswers

_MEMBERS = 3
_ALONE, _TOGETHER = 3, 1
"""Numbers of the bars' colours."""


class EnsemblePage(SavedRunPage):
    """The page of the ensembles: each net's error, and that of all together."""

    title = _("An ensemble")

    def __init__(self, runs: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(
            _("Are three nets better than one? Let each answer, and take the mean of their probabilities."),
            _(
                "AlexNet: 18.2% with one net, 15.4% with seven. ResNet: 4.49% with one net of 152 layers, 3.57% with "
                "six nets. Train one net with several seeds and one split: resviz sweep --seed with --split-seed 0."
            ),
            _answers,
            runs,
            parent,
            plain_first=(None,) * _MEMBERS,
        )
        self.bars = SumBars(_("held-out error"))
        self.body.addWidget(self.bars)
        self.body.addStretch(1)
        self.finish()

    @override
    def show_found(self, found: list[Any]) -> str:
        """Draw the errors of the nets that were measured, and say that of all together."""
        members: list[MemberAnswers] = found
        bars = [Bar(one.name, one.error, f"{one.error:.1%}", _ALONE) for one in members]
        text = ""
        if len(members) > 1:
            from resviz.experiments.ensemble import ensemble_error

            try:
                error = ensemble_error(members)
            except RunError as problem:
                text = str(problem)
            else:
                text = _("Together the {count} nets err on {error} of the held-out images.").format(
                    count=len(members), error=f"{error:.1%}"
                )
                bars.append(Bar(_("together"), error, f"{error:.1%}", _TOGETHER))
        self.bars.set_bars(bars, max((bar.value for bar in bars), default=0.0) or 1.0)
        return text


def _answers(path: Path, progress: Progress) -> MemberAnswers:
    from resviz.experiments.ensemble import member_answers  # torch, in the thread

    return member_answers(path, progress)
