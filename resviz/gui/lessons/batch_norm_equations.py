"""The four lines of batch normalization and the six equations of its gradient, each with its numbers for one sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from resviz.base.translation import _
from resviz.gui.style.widgets import dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.illustrations import BatchNorm, BatchNormGradient


def equations(
    norm: BatchNorm, gradient: BatchNormGradient, upstream: Sequence[float], sample: int
) -> tuple[tuple[str, float], ...]:
    """Return each equation as it is written, and its value: the forward lines first (Ioffe and Szegedy 2015, 1 and 3).

    `sample` counts from 0; the equations are written with its number from 1.
    """
    i = sample + 1
    return (
        ("μ = Σ x_i / m", norm.mean),
        ("σ² = Σ (x_i − μ)² / m", norm.variance),
        (f"xhat_{i} = (x_{i} − μ) / √(σ² + ε)", norm.normalised[sample]),
        (f"y_{i} = γ xhat_{i} + β", norm.y[sample]),
        (f"∂l/∂xhat_{i} = ∂l/∂y_{i} · γ", upstream[sample] * norm.gamma),
        ("∂l/∂σ² = −½ (σ² + ε)^(−3/2) Σ ∂l/∂xhat_i (x_i − μ)", gradient.by_variance),
        ("∂l/∂μ = −Σ ∂l/∂xhat_i / √(σ² + ε) − 2 ∂l/∂σ² Σ (x_i − μ) / m", gradient.by_mean),
        (
            f"∂l/∂x_{i} = ∂l/∂xhat_{i} / √(σ² + ε) + 2 ∂l/∂σ² (x_{i} − μ) / m + ∂l/∂μ / m",
            gradient.by_x[sample],
        ),
        ("∂l/∂γ = Σ ∂l/∂y_i xhat_i", gradient.by_gamma),
        ("∂l/∂β = Σ ∂l/∂y_i", gradient.by_beta),
    )


class Equations(QWidget):
    """The equations below each other, their values at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self.lines: list[tuple[QLabel, QLabel]] = []

    def set_equations(self, found: Sequence[tuple[str, float]]) -> None:
        """Show these equations."""
        while len(self.lines) < len(found):
            row = len(self.lines) + (1 if len(self.lines) < _FORWARD else 2)
            for at, text in ((0, _("forward")), (_FORWARD, _("backward"))):
                if len(self.lines) == at:
                    self._grid.addWidget(dim(text), row - 1, 0)
            both = QLabel(), QLabel()
            for column, label in enumerate(both):
                label.setTextFormat(Qt.TextFormat.PlainText)
                self._grid.addWidget(label, row, column)
            both[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.lines.append(both)
        for (text, value), (left, right) in zip(found, self.lines, strict=True):
            left.setText(text)
            right.setText(f"{value:+.4f}")

    def light(self, equation: int | None) -> None:
        """Set one equation in bold; None sets none."""
        for number, both in enumerate(self.lines):
            for label in both:
                label.setObjectName("heading" if number == equation else "")
                label.style().unpolish(label)
                label.style().polish(label)


_FORWARD = 4
