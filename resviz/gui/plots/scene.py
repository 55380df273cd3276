"""What there is to draw: nets with what was measured of them, as the cursor stands. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from resviz.measurements.history import RunHistory
    from resviz.nets.spec import NetSpec
    from resviz.results.run_summary import RunSummary
    from resviz.runs.gradient_verdict import GradientEpisodes
    from resviz.runs.records import RunAlert


@dataclass(frozen=True)
class PlottedNet:
    """A net on screen: its name, its colour and line style, what was measured of it, and at which row it is shown."""

    name: str
    unit: str
    history: RunHistory
    line_style: int = 0
    row: int = -1
    recipe: Mapping[str, Any] = field(default_factory=dict)
    strong: bool = False
    """Whether it is to stand out."""
    final_error: tuple[int, float] | None = None
    """Of a saved run the steps that it has done, and its held-out error then: behind the last row."""
    epoch_steps: int | None = None
    """Steps of an epoch, if that is known."""
    watched: bool = False
    """Whether another program trained it: its loss may be any."""
    folder: Path | None = None
    """The folder of a saved run. It has the graph of a watched model."""
    alerts: tuple[RunAlert, ...] = ()
    """What looked wrong while it was watched."""
    episodes: GradientEpisodes | None = None
    """What its gradient did since step 0; None for nets that are not diagnosed."""

    @property
    def step(self) -> int:
        """The step that it is shown at."""
        return int(self.history.column("step")[self.row])


@dataclass(frozen=True)
class StepAxisOptions:
    """How curves over steps are drawn.

    These are the visible steps, over how many values the mean is taken, and which axes are logarithmic. None leaves the
    choice to the values.
    """

    window: tuple[float, float] | None = None
    smooth: int = 0
    log_x: bool = False
    log_y: bool | None = None
    in_epochs: bool = False
    """Whether x counts epochs, of each net its own, and not steps."""

    @property
    def on_axis(self) -> tuple[float, float] | None:
        """The window as the axis has it: on a log axis base-10 logarithms."""
        if self.window is None or not self.log_x:
            return self.window
        low, high = (math.log10(max(step, 1.0)) for step in self.window)
        return (low, high) if high > low else None


ORDINARY = StepAxisOptions()


@dataclass(frozen=True)
class OverlayCurve:
    """A curve from elsewhere: of which scalar, its steps and its values (step,)."""

    name: str
    scalar: str
    x: np.ndarray
    y: np.ndarray
    line_style: int = 0
    strong: bool = False
    epoch_steps: int | None = None
    """Steps of an epoch, if that is known; 1 for a curve that is counted in epochs."""


@dataclass(frozen=True)
class Scene:
    """What the views draw: the nets, with what was measured up to the step cursor."""

    nets: list[PlottedNet]
    specs: tuple[NetSpec | None, ...]
    """The specs of the same nets, as they are trained; None of a watched model that has no depth table."""
    live: bool
    """Whether the newest step is shown as it comes."""
    waiting: str
    """What a view says while nothing was measured."""
    steps: StepAxisOptions = ORDINARY
    overlays: tuple[OverlayCurve, ...] = ()
    """Imported curves."""
    results: tuple[RunSummary, ...] = ()
    """The runs that the nets belong to."""

    @property
    def step(self) -> int | None:
        """The step of the net that is ahead."""
        return max((net.step for net in self.nets), default=None)
