"""What COMPARE shows of the selected runs: every view at one step, zoomed and smoothed alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.compare.overlays import overlay_curves
from resviz.gui.plots.saved_runs import plotted_net
from resviz.gui.plots.scene import OverlayCurve, PlottedNet, Scene, StepAxisOptions
from resviz.gui.plots.view_controller import ViewController
from resviz.results.run_summary import measured_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.compare.compare_view import CompareView
    from resviz.gui.plots.saved_runs import SelectedRun
    from resviz.measurements.history import RunHistory
    from resviz.nets.spec import NetSpec
    from resviz.results.run_summary import RunSummary

DEFAULT_VIEWS = {"main": "response_gradient", "training": "loss", "second": "responses"}


class CompareViews(ViewController):
    """Its controller sets the selected runs. The user sets everything else in the view."""

    def __init__(self, view: CompareView, parent: QObject | None = None) -> None:
        self.selected_runs: Sequence[SelectedRun] = ()
        self.strong: frozenset[str] = frozenset()
        """Keys of the runs that stand out."""
        self.cursor: int | None = None
        """The step that every view shows; None for each run's last."""
        self.steps = StepAxisOptions()
        super().__init__(view.grid, DEFAULT_VIEWS, parent)
        self._view = view
        view.step_chosen.connect(self.move_cursor)
        view.smoothing_chosen.connect(self._smooth)
        view.log_y_chosen.connect(self._log_y)
        view.log_x_chosen.connect(self._log_x)
        view.epochs_chosen.connect(self._count_epochs)
        view.zoom_chosen.connect(self._zoom)
        view.set_zoomed(False)

    @override
    def scene(self) -> Scene:
        """Return what the views draw."""
        if not self.selected_runs:
            waiting = _("No run selected. Click ○ next to a run to plot it.")
        elif any(one.history is None for one in self.selected_runs):
            waiting = _("reading …")
        elif not measured_runs(one.run for one in self.selected_runs):
            waiting = _("Imported curves have no layers. Select a run that was trained to see its layers.")
        else:
            waiting = _("The selected runs have no measurements yet.")
        nets: list[PlottedNet] = []
        specs: list[NetSpec | None] = []
        overlays: list[OverlayCurve] = []
        for one in self.selected_runs:
            if one.history is None or not one.history.count:
                continue
            if one.run.has_layers:
                nets.append(self._shown(one, one.run, one.history))
                specs.append(one.run.spec)
            else:
                strong = one.run.key in self.strong
                overlays += overlay_curves(one.name, one.history, one.line_style, one.run.epoch_steps, strong=strong)
        return Scene(
            nets,
            tuple(specs),
            self.cursor is None,
            waiting,
            self.steps,
            tuple(overlays),
            tuple(one.run for one in self.selected_runs),
        )

    def set_selected_runs(self, selected_runs: Sequence[SelectedRun]) -> None:
        """Plot these runs."""
        if [one.history for one in selected_runs] != [one.history for one in self.selected_runs]:
            self.cache.forget()
        self.selected_runs = selected_runs
        self.draw_progress()
        self.draw_soon()

    def set_strong(self, keys: frozenset[str]) -> None:
        """Draw the curves of these runs thicker."""
        if keys != self.strong:
            self.strong = keys
            self.draw_soon()

    @property
    def count(self) -> int:
        """Steps of the longest run."""
        return max((_last_step(one.history) + 1 for one in self.selected_runs if one.history is not None), default=0)

    @Slot(int)
    def move_cursor(self, step: int) -> None:
        """Show a step in every view; -1 for each run's last."""
        self.cursor = None if step < 0 or not self.count else min(step, self.count - 1)
        self.draw_progress()
        self.draw_soon()

    def draw_progress(self) -> None:
        """Show the step cursor, and the steps of the longest run."""
        count = self.count
        at = max(count - 1 if self.cursor is None else self.cursor, 0)
        text = _("last step") if self.cursor is None else _("step {step}").format(step=at)
        over = [one.name for one in self.selected_runs if one.history is not None and _last_step(one.history) < at]
        if self.cursor is not None and over:
            text = _("step {step}, after the end of {run}").format(step=at, run=over[0])
            if len(over) > 1:
                text = _("step {step}, after the end of {count} runs").format(step=at, count=len(over))
        self._view.step_cursor.set_state(count, count, at, self.cursor is None, text if count else "")

    @override
    def shut_down(self) -> None:
        super().shut_down()
        self._view.step_cursor.stop_playing()

    def _shown(self, one: SelectedRun, run: RunSummary, history: RunHistory) -> PlottedNet:
        row = -1
        if self.cursor is not None:
            row = history.row_at(self.cursor)
        strong = run.key in self.strong
        return replace(plotted_net(run, one.name, history, one.line_style), row=row, strong=strong)

    @Slot(int)
    def _smooth(self, steps: int) -> None:
        self._set(smooth=steps)

    @Slot(object)
    def _log_y(self, log: bool | None) -> None:
        self._set(log_y=log)

    @Slot(bool)
    def _log_x(self, log: bool) -> None:
        self._set(log_x=log)

    @Slot(bool)
    def _count_epochs(self, in_epochs: bool) -> None:
        self._set(in_epochs=in_epochs)

    @Slot(object)
    def _zoom(self, window: tuple[float, float] | None) -> None:
        self._set(window=window)

    def _set(self, **changed: object) -> None:
        self.steps = replace(self.steps, **changed)  # type: ignore[arg-type]
        self._view.set_zoomed(self.steps.window is not None)
        self.draw_soon(lambda view: view.against_steps)


def _last_step(history: RunHistory) -> int:
    return history.step_count - 1
