"""The report of a comparison, with the figures that COMPARE draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.gui.compare.overlays import overlay_curves
from resviz.gui.plots.figure import SIZES, Figure
from resviz.gui.plots.saved_runs import assign_line_styles, distinct_labels, plotted_net
from resviz.gui.plots.scene import OverlayCurve, PlottedNet, Scene
from resviz.gui.plots.views import VIEWS
from resviz.gui.plots.views.view import NOT_RECORDED, quantity_in
from resviz.results.report import ReportFigure, report, report_template
from resviz.results.summary import read_summary
from resviz.runs.lost_steps import describe_lost_steps, lost_steps
from resviz.runs.run_history import read_history

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from resviz.nets.spec import NetSpec

FIGURES = (
    ("response_gradient", ""),
    ("weight_gradient", ""),
    ("loss", "loss"),
    ("error", "error"),
    ("error", "held_out_error"),
    ("responses", "layer"),
    ("responses", "magnitude"),
    ("heat", "response_gradient"),
    ("difference", "response_gradient"),
    ("final", "depth"),
)
"""Views of the report, each with its option."""
_PAGE = next(size for size in SIZES if size.name == "page")


def write_report(scene: Scene) -> str:
    """Return the report of what a scene shows. Figures that would be empty are left out."""
    return finish_report(scene, [figure for figure in draw_figures(scene) if figure is not None])


def finish_report(scene: Scene, figures: Sequence[ReportFigure]) -> str:
    """Return the report of what a scene shows, with figures that were drawn."""
    names = distinct_labels(scene.results)
    rows = {net.name: net.history.count for net in scene.nets}
    warnings = [
        describe_lost_steps(name, lost_steps(run.info, rows.get(name, 0)), run.info.steps)
        for name, run in zip(names, scene.results, strict=True)
    ]
    return report(scene.results, names, figures, list(filter(None, warnings)))


def read_scene(folders: Sequence[Path]) -> Scene:
    """Run by their folders, at their last steps. Raise RunError if one can't be read."""
    results = [read_summary(folder) for folder in folders]
    styles = assign_line_styles(results, {})
    nets: list[PlottedNet] = []
    specs: list[NetSpec | None] = []
    overlays: list[OverlayCurve] = []
    for run, name in zip(results, distinct_labels(results), strict=True):
        history, style = read_history(run.folder), styles[run.key]
        if not run.has_layers:
            overlays += overlay_curves(name, history, style, run.epoch_steps)
        elif history.count:
            nets.append(plotted_net(run, name, history, style))
            specs.append(run.spec)
    return Scene(nets, tuple(specs), True, NOT_RECORDED, overlays=tuple(overlays), results=tuple(results))


def draw_figures(scene: Scene) -> Iterator[ReportFigure | None]:
    """Draw the figures of a report part by part: None until one is done. Figures that would be empty are left out."""
    for name, option in FIGURES:
        view = VIEWS[name]
        if not view.is_complete(scene, option):
            continue
        at = f", step {scene.step}" if view.at_one_step else ""
        chosen = dict(view.options).get(option, "")
        title = f"{view.title}{f', {chosen}' if chosen else ''}{at}"
        known = view.quantity(option)
        known = quantity_in(scene, known.name) if known else None
        about = f"{known.title}: {known.formula} ({known.source})" if known else ""
        svg = yield from Figure(view, option, scene, title).drawing("svg", _PAGE)
        yield ReportFigure(title, svg, about)
    report_template()
    yield None
