"""COMPARE's controller: finds the saved runs, and overlays the two that are chosen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from resviz.gui.compare.loaded import Loaded, first_choice, load, names, toggled, with_shown
from resviz.gui.compare.view import CompareView
from resviz.gui.plots.history import History
from resviz.gui.plots.nets import Shown, draw_depth, draw_responses, draw_scalar
from resviz.runs.comparison import differences, settings
from resviz.runs.library import default_folder, find, sample_folder
from resviz.runs.records import RunError


class CompareController(QObject):
    """Holds the list of runs, and the keys of those that are shown."""

    def __init__(self, view: CompareView, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.runs: list[Loaded] = []
        self.shown: list[str] = []
        self._folder = folder or default_folder()
        self._unreadable: list[RunError] = []
        self._histories: dict[str, History] = {}
        self._curve, self._quantity, self._row, self._order = "loss", "response_gradient", 0, "layer"
        view.refresh_wanted.connect(self.refresh)
        view.runs.toggled.connect(self.toggle)
        view.curve_changed.connect(self._choose_curve)
        view.quantity_changed.connect(self._choose_quantity)
        view.step_changed.connect(self._choose_step)
        view.order_changed.connect(self._choose_order)

    @Slot()
    def refresh(self) -> None:
        """Reads the folders again; what is shown stays shown where it is still there."""
        found: list[Loaded] = []
        problems: list[RunError] = []
        for folder, sample in ((self._folder, False), (sample_folder(), True)):
            runs, unreadable = find([folder])
            problems += unreadable
            for run in runs:
                try:
                    found.append(load(run, sample))
                except RunError as error:
                    problems.append(error)
        self.runs = found
        self._histories.clear()
        known = {run.key for run in found}
        self.shown = [key for key in self.shown if key in known] or first_choice(found)
        self._unreadable = problems
        self.view.set_count(f"{len(found)} runs")
        self._show()

    @Slot(str)
    def toggle(self, key: str) -> None:
        """Shows a run, or takes it away."""
        self.shown = toggled(self.shown, key)
        self._show()

    @Slot(str)
    def _choose_curve(self, curve: str) -> None:
        self._curve = curve
        self._draw()

    @Slot(str)
    def _choose_quantity(self, quantity: str) -> None:
        self._quantity = quantity
        self._draw()

    @Slot(str)
    def _choose_step(self, step: str) -> None:
        self._row = 0 if step == "first" else -1
        self._draw()

    @Slot(str)
    def _choose_order(self, order: str) -> None:
        self._order = order
        self._draw()

    def _show(self) -> None:
        self.runs = with_shown(self.runs, self.shown)
        self.view.runs.set_runs(self.runs)
        chosen = self._chosen()
        self.view.set_differences(names(chosen), differences([settings(run.info, run.spec) for run in chosen]))
        self._draw()

    def _draw(self) -> None:
        nets = []
        problems = list(self._unreadable)
        chosen = self._chosen()
        for run, name in zip(chosen, names(chosen), strict=True):
            try:
                history = self._history(run)
            except RunError as error:
                problems.insert(0, error)
                continue
            if history.count:
                nets.append(Shown(name, run.spec.unit, history, run.variant, self._row))
        view = self.view
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        view.set_problem(f"{problems[0]}{more}" if problems else "")
        view.set_step("step 0" if self._row == 0 else "last step")
        waiting = "no run is shown: click one" if not chosen else "nothing was measured yet"
        draw_scalar(view.loss, nets, self._curve, waiting)
        draw_depth(view.gradient, nets, self._quantity, waiting)
        draw_responses(view.responses, nets, by_magnitude=self._order == "magnitude", waiting=waiting)

    def _chosen(self) -> list[Loaded]:
        """The shown runs in the order in which they were chosen."""
        by_key = {run.key: run for run in self.runs}
        return [by_key[key] for key in self.shown if key in by_key]

    def _history(self, run: Loaded) -> History:
        """What a run measured, read once. Raises RunError where it can't be."""
        if run.key not in self._histories:
            self._histories[run.key] = run.history()
        return self._histories[run.key]
