"""The same totals from other counters, on request."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from resviz.analysis.counts import exact
from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.widgets import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

HINT = _(
    "Count this net again with PyTorch's flop counter, torchinfo and fvcore, and see where and why "
    "they differ. Loading PyTorch takes some seconds."
)


class CrossCheckPanel(QWidget):
    """A panel that compares our counts with those of other counters."""

    wanted = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start = QPushButton(_("Count again"))
        self.start.setToolTip(_("Start the other tools. They take some seconds."))
        self.start.setObjectName("chip")
        self.start.clicked.connect(self.wanted)
        self.cancel = QPushButton(_("Cancel"))
        self.cancel.setToolTip(_("Stop counting."))
        self.cancel.setObjectName("chip")
        self.cancel.clicked.connect(self.cancelled)
        self.cancel.hide()
        self.progress = ElidedLabel()
        self.text = QTextBrowser()
        self.text.setAccessibleName(_("counts of other tools"))
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.document().setDocumentMargin(0)
        row = QHBoxLayout()
        row.addWidget(self.start)
        row.addWidget(self.cancel)
        row.addWidget(self.progress, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.text, 1)
        self._checks: Sequence[dict[str, Any]] = ()
        self._net, self._problem = "", ""
        self._show()
        theme.changed().connect(self._show)

    def set_running(self, running: bool, progress: str = "") -> None:
        """Show whether the counters are running, and how far they are."""
        self.start.setEnabled(not running)
        self.cancel.setVisible(running)
        self.progress.setText(progress)

    def set_checks(self, net: str, checks: Sequence[dict[str, Any]], ours: tuple[int, int], problem: str = "") -> None:
        """Show what `resviz show --cross-check` found.

        `ours` are our parameters and multiply-adds. Without checks and without a problem, the panel says what it is
        for.
        """
        self._net, self._checks, self._ours, self._problem = net, checks, ours, problem
        self._show()

    @Slot()
    def _show(self) -> None:
        colours = theme.current()
        dim = f"color:{colours.dim}"
        if not self._checks:
            problem = f"<p style='color:{colours.bad}'>{escape(self._problem)}</p>" if self._problem else ""
            self.text.setHtml(f"{problem}<p style='{dim}'>{escape(HINT)}</p>")
            return
        ours = _("{net}: {parameters} parameters, {flops} multiply-adds").format(
            net=f"<b>{escape(self._net)}</b>", parameters=exact(self._ours[0]), flops=exact(self._ours[1])
        )
        parts = [f"<div>{ours}</div>"]
        for check in self._checks:
            parts.append(
                f"<div style='margin-top:8px'><b>{check['counter']}</b> <span style='{dim}'>{check['version']}: "
            )
            parts.append(f"{escape(check['convention'])}</span></div>")
            if check["problem"]:
                failed = _("This counter failed: {reason}").format(reason=check["problem"])
                parts.append(f"<div style='color:{colours.bad}'>{escape(failed)}</div>")
                continue
            good = check["agrees"]
            verdict = (
                _("✓ agrees")
                if good
                else _("≠ {count} FLOPs are unexplained").format(count=exact(check["unexplained"]))
            )
            if check["params"] != self._ours[0]:
                unexplained = exact(check["params"] - self._ours[0])
                verdict = _("≠ {count} parameters are unexplained").format(count=unexplained)
            numbers = _("{parameters} parameters, {flops} FLOPs").format(
                parameters=exact(check["params"]), flops=exact(check["flops"])
            )
            parts.append(f"<div>{numbers}</div>")
            if check["per_multiply_add"] > 1:
                parts.append(f"<div style='{dim}'>= {check['per_multiply_add']}·{exact(self._ours[1])}</div>")
            for reason in check["reasons"]:
                parts.append(f"<div style='{dim}'>+ {exact(reason['amount'])} {escape(reason['what'])}</div>")
            parts.append(f"<div style='color:{colours.good if good else colours.bad}'>{verdict}</div>")
        self.text.setHtml("".join(parts))
