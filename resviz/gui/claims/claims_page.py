"""The CLAIMS page: every printed figure beside the computed one, and accuracy against operations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.analysis.claims.history import source, winners
from resviz.base.translation import _
from resviz.gui.builder.family_menu import addable
from resviz.gui.claims.accuracy_page import AccuracyPage
from resviz.gui.claims.claim_table import Claim, ClaimTable, verdict_text
from resviz.gui.claims.vgg_page import VggPage
from resviz.gui.claims.winner_chart import WinnerChart
from resviz.gui.style.widgets import Chips, Panel, dim, plain
from resviz.gui.workers.command_process import CommandProcess

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

_PAGES = (
    ("figures", _("Numbers")),
    ("scatter", _("Accuracy against operations")),
    ("history", _("ILSVRC by year")),
    ("vgg", _("VGG-16 by layer")),
)
_VERDICTS = (
    ("", _("all")),
    ("agrees", _("agree")),
    ("differs", _("differ")),
    ("measured elsewhere", _("measured elsewhere")),
)
_WAITING = _("recomputing all numbers …")


def net_of_claim(claim: Claim) -> str:
    """Return the catalogue's name of the net that a claim is about; "" if it is about none, or about several."""
    text = f" {claim['what'].replace(':', ' ').replace(',', ' ')} "
    named = {label: name for name, label in addable().items() if f" {label} " in text}
    return named[max(named, key=len)] if named else ""


class ClaimsPage(QWidget):
    """The CLAIMS page. The claims are recomputed in another process when it is shown first."""

    net_wanted = Signal(str, str)
    """A net of the catalogue that is to be opened, and which of its numbers is to be explained."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: Claim | None = None
        self._job = CommandProcess(self)
        self._job.done.connect(self._computed)
        self._job.failed.connect(self._failed)
        self._claims: list[Claim] = []
        self.pages = Chips(_PAGES, _("page"), tip=_("Show the numbers as a table, or a plot of errors."))
        self.pages.chosen.connect(self._show_page)
        self.verdicts = Chips(_VERDICTS, _("verdict"), tip=_("Show only the numbers with this verdict, or all."))
        self.verdicts.set_choice("")
        self.verdicts.chosen.connect(self._choose)
        self._verdict = ""
        self.words = QLineEdit()
        self.words.setPlaceholderText(_("Filter: VGG, parameters, lecture …"))
        self.words.setAccessibleName(_("filter of the claims"))
        self.words.setToolTip(plain(_("Show only the rows that contain all of these words.")))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self._filter)
        self.table = ClaimTable()
        self.accuracy, self.history, self.vgg = AccuracyPage(), WinnerChart(), VggPage()
        self.table.chosen.connect(self._tell)
        self.table.doubleClicked.connect(self._open_net)
        self.open_net = QPushButton(_("Open in Build"))
        self.open_net.setToolTip(_("Open the net of this number in Build, and show how the number is computed."))
        self.open_net.clicked.connect(self._open_net)
        self.open_net.setEnabled(False)
        self.verdict_label = QLabel()
        self.verdict_label.setWordWrap(True)
        self.verdict_label.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict_label.hide()
        self.summary = dim(_WAITING)
        panel = Panel(_("Printed and computed"))
        panel.add_to_header(self.pages)
        figures = QWidget()
        column = QVBoxLayout(figures)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.verdicts)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        column.addWidget(self.verdict_label)
        foot = QHBoxLayout()
        foot.addWidget(self.summary, 1)
        foot.addWidget(self.open_net)
        column.addLayout(foot)
        self._stack = QStackedWidget()
        self._stack.addWidget(figures)
        self._stack.addWidget(self.accuracy)
        self._stack.addWidget(self.history)
        self._stack.addWidget(self.vgg)
        panel.body.addWidget(self._stack, 1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(panel)
        self.pages.set_choice("figures")

    @property
    def claims(self) -> list[Claim]:
        """All claims, once they were recomputed."""
        return self._claims

    def shown(self) -> list[Claim]:
        """Return the claims in sight."""
        return self.table.claims.claims

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._claims and not self._job.is_running:
            self._job.start("check", "--json")
            self.accuracy.fill()
            self.history.set_winners(winners(), source())
            self.vgg.fill()

    def shut_down(self) -> None:
        """End the process that recomputes the numbers."""
        self._job.cancel()

    @Slot(object)
    def _tell(self, claim: Claim) -> None:
        self._chosen = claim
        self.verdict_label.setText(verdict_text(claim))
        self.verdict_label.show()
        self.open_net.setEnabled(bool(net_of_claim(claim)))

    @Slot()
    def _open_net(self) -> None:
        net = net_of_claim(self._chosen) if self._chosen else ""
        if net and self._chosen:
            self.net_wanted.emit(net, "parameters" if "parameters" in self._chosen["what"] else "flops")

    @Slot(str)
    def _show_page(self, page: str) -> None:
        self.pages.set_choice(page)
        self._stack.setCurrentIndex([key for key, _label in _PAGES].index(page))

    @Slot(str)
    def _computed(self, text: str) -> None:
        self._claims = json.loads(text)["claims"]
        self._filter()

    @Slot(str)
    def _failed(self, why: str) -> None:
        self.summary.setText(_("The numbers could not be recomputed: {reason}").format(reason=why))

    @Slot(str)
    def _choose(self, verdict: str) -> None:
        self._verdict = verdict
        self._filter()

    @Slot()
    def _filter(self) -> None:
        words = self.words.text().lower().split()
        found = [
            claim
            for claim in self._claims
            if self._verdict in ("", claim["verdict"])
            and all(word in " ".join(claim.values()).lower() for word in words)
        ]
        self.table.claims.set_claims(found)
        numbers = {key: sum(claim["verdict"] == key for claim in self._claims) for key, _label in _VERDICTS if key}
        if self._claims:
            self.summary.setText(
                _(
                    "{shown} of {count} shown: {agree} agree with the computed number, {differ} differ for a "
                    "stated reason, {measured} come from training and are only shown"
                ).format(
                    shown=len(found),
                    count=len(self._claims),
                    agree=numbers["agrees"],
                    differ=numbers["differs"],
                    measured=numbers["measured elsewhere"],
                )
            )
