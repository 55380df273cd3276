"""COMPARE's controller: the list of runs as it is filtered, ordered and grouped, and those that are shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.base.translation import _
from resviz.gui.actions.step_stack import StepStack
from resviz.gui.compare.compare_views import CompareViews
from resviz.gui.compare.curve_importer import CurveImporter
from resviz.gui.compare.history_cache import HistoryCache
from resviz.gui.compare.report_writer import ReportWriter
from resviz.gui.compare.run_actions import Change, RunActions
from resviz.gui.compare.run_listing import RunListing
from resviz.gui.compare.run_watcher import RunWatcher
from resviz.gui.compare.selection import first_choice
from resviz.gui.files import dialogs
from resviz.gui.plots.saved_runs import SelectedRun, assign_line_styles, distinct_labels
from resviz.results.columns import filter_problem
from resviz.results.run_summary import RunSummary
from resviz.runs.curve_kinds import PATTERNS
from resviz.runs.library import default_folder, sample_folder
from resviz.runs.lost_steps import describe_lost_steps, lost_steps
from resviz.runs.settings import differences, settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.compare.compare_view import CompareView
    from resviz.gui.compare.run_model import Row

_PATIENCE_MS = 300
"""While a person types into the table, nothing of it changes."""

_FILTER = _("curves") + f" ({PATTERNS});;" + _("all files") + " (*)"


class CompareController(QObject):
    """Connects the COMPARE page with the run folders: reads runs, shows them, and does what the user asks."""

    status_message = Signal(str)
    resume_wanted = Signal(object, int)
    follow_wanted = Signal(object)
    undo_changed = Signal()
    """Other changes can be taken back or repeated than before."""

    def __init__(self, view: CompareView, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.shown: list[str] = []
        """Keys of the runs that are shown, in the order in which they were chosen."""
        self._is_automatic = True
        """Whether nobody has chosen yet what is shown: then it is the newest."""
        self._line_styles: dict[str, int] = {}
        self.listing = RunListing()
        self._own_problem = ""
        self.steps: StepStack[Change] = StepStack()
        """What was done, and what was taken back."""
        self._also_wanted: list[Path] = []
        """Folders of imported curves that are to be plotted beside the others as soon as they are listed."""
        self._wanted: list[Path] = []
        """Folders of runs that are to be plotted as soon as they are listed."""
        self._show_soon = QTimer(self)
        self._show_soon.setSingleShot(True)
        self._show_soon.timeout.connect(self._show)
        root = folder or default_folder()
        self.watcher = RunWatcher({root: False, sample_folder(): True}, self)
        self.histories = HistoryCache(self)
        self.display = CompareViews(view, self)
        self.run_actions = RunActions(view.browser, root, self.run)
        self.importer = CurveImporter(root, view)
        self.report_writer = ReportWriter(view)
        self.watcher.changed.connect(self._list_changed)
        self.histories.changed.connect(self._read)
        browser, table = view.browser, view.browser.table
        browser.typed.connect(self._filter)
        browser.group_chosen.connect(self._group_by)
        browser.import_wanted.connect(self._import_or_stop)
        browser.report_wanted.connect(self.ask_report)
        table.toggled.connect(self.toggle)
        table.folded.connect(self._fold)
        table.group_wanted.connect(self._show_group)
        table.ordered.connect(self._order_by)
        table.selected.connect(self._stand_out)
        self.run_actions.changed.connect(self.refresh)
        self.run_actions.done.connect(self._did)
        self.run_actions.problem.connect(self._say_problem)
        self.run_actions.status_message.connect(self.status_message)
        self.run_actions.only_wanted.connect(self.show_only)
        self.run_actions.resume_wanted.connect(self.resume_wanted)
        self.run_actions.follow_wanted.connect(self.follow_wanted)
        self.importer.imported.connect(self._show_imported)
        self.importer.problem.connect(self._say_problem)
        self.importer.progressed.connect(browser.set_reading)
        self.report_writer.problem.connect(self._say_problem)
        self.report_writer.status_message.connect(self.status_message)
        view.opened.connect(self._opened)

    @property
    def runs(self) -> dict[str, RunSummary]:
        """All known runs by their keys."""
        return self.watcher.results

    def run(self, key: str) -> RunSummary | None:
        """Return a run, or None if its folder has gone."""
        return self.runs.get(key)

    @property
    def busy(self) -> bool:
        """Whether something is still being read, or waits to be drawn."""
        return (
            self.importer.busy
            or self.watcher.reading
            or self.histories.reading
            or self._show_soon.isActive()
            or bool(self.display.waiting)
        )

    @Slot()
    def refresh(self) -> None:
        """Read the folders now."""
        self.watcher.start()

    def shut_down(self) -> None:
        """Stop all timers and the reading of runs."""
        self.watcher.stop()
        self._show_soon.stop()
        self.display.shut_down()
        self.histories.shut_down()
        self.importer.shut_down()
        self.report_writer.shut_down()

    @Slot(list)
    def toggle(self, keys: list[str]) -> None:
        """Show runs, or takes them away where all of them are shown."""
        if all(key in self.shown for key in keys):
            self._change_shown([key for key in self.shown if key not in keys])
        else:
            self._change_shown(self.shown + [key for key in keys if key not in self.shown])

    @Slot(list)
    def show_only(self, keys: list[str]) -> None:
        """Plot these runs and no others."""
        self._change_shown(list(keys))

    def open_runs(self, folders: Sequence[Path]) -> None:
        """Plot the runs of these folders and no others, also if they lie elsewhere than the listed runs."""
        for folder in folders:
            self.watcher.add_run(folder)
        self._wanted = [folder.resolve() for folder in folders]
        self._scroll_to_shown(self._show_wanted())
        self.watcher.start()

    def chosen_runs(self) -> list[RunSummary]:
        """Return the selected runs of the list, or those that are plotted if none is selected."""
        return self.run_actions.selected() or [self.runs[key] for key in self.shown if key in self.runs]

    def undo(self) -> None:
        """Take back the last change of what is plotted, or the last move to the trash."""
        change = self.steps.back()
        if change is not None:
            change.undo()
        self.undo_changed.emit()

    def redo(self) -> None:
        """Repeat what was taken back last."""
        change = self.steps.forth()
        if change is not None:
            change.redo()
        self.undo_changed.emit()

    def _change_shown(self, shown: list[str]) -> None:
        before = self.shown
        if shown == before:
            return
        self._did(Change(partial(self._set_shown, before), partial(self._set_shown, shown)))
        self._set_shown(shown)

    def _set_shown(self, shown: list[str]) -> None:
        self._is_automatic = False
        self.shown = list(shown)
        self._show()

    def _did(self, change: Change) -> None:
        self.steps.push(change)
        self.undo_changed.emit()

    def import_file(self, path: Path) -> None:
        """Add the curves of a CSV file or of a log to the list, and plot them."""
        self.importer.start(path)

    @Slot(object)
    def _show_imported(self, folder: Path) -> None:
        """Plot imported curves beside what is plotted, as soon as they are listed."""
        self._also_wanted.append(folder.resolve())
        self.refresh()

    def rows(self) -> list[Row]:
        """Return what the browser lists."""
        return self.listing.rows(self.runs.values())

    @Slot(bool)
    def _opened(self, open_: bool) -> None:
        if open_:
            self.watcher.start()
        else:
            self.watcher.stop()

    @Slot()
    def _list_changed(self) -> None:
        if self.view.browser.table.editing:
            QTimer.singleShot(_PATIENCE_MS, self, self._list_changed)
            return
        wanted = self._show_wanted()
        kept = [] if self._is_automatic else [key for key in self.shown if key in self.runs]
        self.shown = kept or first_choice(list(self.runs.values()))
        self._list()
        self._show()
        self._scroll_to_shown(wanted)
        self.run_actions.show_trash()

    def _show_wanted(self) -> bool:
        """Plot the runs that were asked for by their folders, as soon as all are listed. Return whether any were."""
        found, shown = {run.folder.resolve(): key for key, run in self.runs.items()}, False
        if self._wanted and all(folder in found for folder in self._wanted):
            self._change_shown([found[folder] for folder in self._wanted])
            self._wanted, shown = [], True
        listed = [folder for folder in self._also_wanted if folder in found]
        if listed:
            self._change_shown(self.shown + [found[folder] for folder in listed])
            self._also_wanted = [folder for folder in self._also_wanted if folder not in listed]
        return shown or bool(listed)

    def _scroll_to_shown(self, wanted: bool) -> None:
        """Bring the run that was plotted last into sight in the list, where others asked for it."""
        if wanted and self.shown:
            self.view.browser.table.scroll_to(self.shown[-1])

    def _list(self) -> None:
        rows = self.rows()
        count = len({row.key for row in rows if isinstance(row, RunSummary)})
        every = len(self.runs)
        self.view.browser.set_count(
            f"{every}"
            if count == every and not self.listing.folded
            else _("{shown} of {count}").format(shown=count, count=every)
        )
        self.view.browser.table.set_rows(rows, self.listing.order)
        nothing = _("No run matches “{text}”. Clear the filter to list all {count} runs.")
        reason = filter_problem(self.listing.typed) or nothing.format(text=self.listing.typed, count=every)
        self.view.browser.table.set_placeholder(reason if every else "")
        self.run_actions.show_actions()

    @Slot()
    def _show(self) -> None:
        if self.view.browser.table.editing:
            self._show_soon.start(_PATIENCE_MS)
            return
        runs = [self.runs[key] for key in self.shown if key in self.runs]
        self._line_styles = assign_line_styles(runs, self._line_styles)
        labels = distinct_labels(runs)
        self.view.browser.table.rows.set_shown(
            self._line_styles, dict(zip((run.key for run in runs), labels, strict=True))
        )
        for run in runs:
            self.histories.want(run)
        self.histories.forget_some(self.shown)
        self.view.differences.set_differences(labels, differences([settings(run.info, run.spec) for run in runs]))
        self.display.set_selected_runs(
            [
                SelectedRun(run, name, self._line_styles[run.key], self.histories.history(run.key))
                for run, name in zip(runs, labels, strict=True)
            ]
        )
        self._show_problem()

    @Slot()
    def _read(self) -> None:
        self._show_soon.start(0)  # once for all that come together

    def _show_problem(self) -> None:
        problems = [
            *([self._own_problem] if self._own_problem else []),
            *map(str, filter(None, map(self.histories.error, self.shown))),
            *filter(None, map(self._lost_text, self.shown)),
            *map(str, self.watcher.problems),
        ]
        more = _(" (and {count} more)").format(count=len(problems) - 1) if len(problems) > 1 else ""
        self.view.browser.set_problem(f"{problems[0]}{more}" if problems else "")

    def _lost_text(self, key: str) -> str:
        """Return which steps of a plotted run have no rows, or "" if all are there, or it was not read yet."""
        run, history = self.runs.get(key), self.histories.history(key)
        if run is None or history is None:
            return ""
        return describe_lost_steps(run.label, lost_steps(run.info, history.count), run.info.steps)

    @Slot(str)
    def _say_problem(self, text: str) -> None:
        self._own_problem = text
        self._show_problem()

    @Slot(str)
    def _filter(self, typed: str) -> None:
        self.listing.typed = typed
        self._list()

    @Slot(str)
    def _group_by(self, column: str) -> None:
        self.listing.group_by(column)
        self._list()

    @Slot(str)
    def _fold(self, text: str) -> None:
        self.listing.folded ^= {text}
        self._list()

    @Slot(str)
    def _show_group(self, text: str) -> None:
        runs = dict(self.listing.groups(self.runs.values()))
        self.show_only([run.key for run in runs.get(text, [])])

    @Slot(str)
    def _order_by(self, column: str) -> None:
        self.listing.order_by(column)
        self._list()

    def set_order(self, order: tuple[str, bool]) -> None:
        """List the runs by a column, descending or not."""
        self.listing.order = order
        self._list()

    def want_shown(self, keys: Sequence[str]) -> None:
        """Plot these runs as soon as they are listed."""
        self.shown = list(keys)
        self._is_automatic = not keys
        self.refresh()

    @Slot(list)
    def _stand_out(self, keys: list[str]) -> None:
        self.display.set_strong(frozenset(keys))

    @Slot()
    def ask_report(self) -> None:
        """Ask for a file, and save the comparison as it is shown."""
        scene = self.display.scene()
        if not scene.results:
            self._say_problem(_("No run selected. Click ○ next to the runs that the report should show."))
            return
        self.report_writer.ask(scene)

    @Slot()
    def ask_import(self) -> None:
        """Ask for files with curves, and add them to the list."""
        for path in dialogs.ask_files(self.view, _("Import CSV files or logs of other programs"), _FILTER):
            self.import_file(path)

    @Slot()
    def _import_or_stop(self) -> None:
        """Do what the button says: import, or stop reading."""
        if self.importer.busy:
            self.importer.cancel()
        else:
            self.ask_import()
