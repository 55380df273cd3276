"""What a person does with saved runs: names, tags, notes, the trash, exports."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from resviz.base.errors import RunError
from resviz.base.translation import _, ngettext
from resviz.gui.compare.colour_menu import ColourMenu
from resviz.gui.files import dialogs
from resviz.gui.plots.saved_runs import palette_of
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain
from resviz.gui.train.training_setup import MAX_NETS
from resviz.results.run_summary import measured_runs, trained_runs
from resviz.runs import trash
from resviz.runs.folder import RunFolder
from resviz.runs.notes import parse_tags, write_notes
from resviz.runs.run_export import lost_in_export, to_csv, to_parquet, to_tensorboard
from resviz.training.recipe import MAX_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resviz.gui.compare.run_browser import RunBrowser
    from resviz.results.run_summary import RunSummary, TrainedRun

_SAMPLE = _("Sample runs can't be renamed, tagged or deleted.")


_Group = list[tuple[Path, Path]]
"""Runs that were thrown away together: where each is, and where it was."""


@dataclass(frozen=True)
class Change:
    """Something that was done, with what takes it back and what repeats it."""

    undo: Callable[[], object]
    redo: Callable[[], object]


class RunActions(QObject):
    """What the user can do with runs. `changed` tells that the folder has changed, `problem` why something failed."""

    changed = Signal()
    problem = Signal(str)
    status_message = Signal(str)
    resume_wanted = Signal(object, int)
    """The folders of runs that are to go on, and to how many steps; 0 for as many as their recipe says."""
    follow_wanted = Signal(object)
    """The folders of runs that are to be shown in TRAIN as they grow."""
    only_wanted = Signal(list)
    done = Signal(object)
    """A Change: what was done and can be taken back."""

    def __init__(self, browser: RunBrowser, root: Path, run_of: Callable[[str], RunSummary | None]) -> None:
        """Connect the actions. `root` is the folder with the trash, and `run_of` returns the run of a key."""
        super().__init__(browser)
        self._browser, self._root, self._run_of = browser, root, run_of
        self._trashed: list[_Group] = []
        """Runs that were thrown away together, each with where it is and where it was."""
        browser.action_chosen.connect(self.act)
        browser.undo_wanted.connect(self.undo)
        browser.empty_wanted.connect(self.empty)
        browser.table.trash_wanted.connect(self._trash_selected)
        browser.table.notes_wanted.connect(self.ask_notes)
        browser.table.rows.edited.connect(self.edit)
        browser.table.selected.connect(self.show_actions)
        self.show_actions()
        self.show_trash()

    def selected(self) -> list[RunSummary]:
        """Return the selected runs, in the order of the list."""
        return [run for key in self._browser.table.selection() if (run := self._run_of(key))]

    @Slot()
    def show_actions(self) -> None:
        """Enable the actions that can be done with the selected runs."""
        runs = self.selected()
        own = [run for run in runs if not run.sample]
        one = len(runs) == 1
        self._browser.set_actions(
            {
                "only": bool(runs),
                "rename": one and bool(own),
                "tags": bool(own),
                "notes": one and bool(own),
                "colour": bool(own) and len({palette_of(run) for run in own}) == 1,
                "resume": _can_resume(own),
                "follow": 0 < len(measured_runs(runs)) == len(runs) <= MAX_NETS,
                "csv": one,
                "parquet": one,
                "tensorboard": bool(runs),
                "path": one,
                "trash": bool(own),
            }
        )

    @Slot(str)
    def act(self, action: str) -> None:
        """Do one of the browser's actions with what is selected."""
        runs = self.selected()
        if not runs:
            return
        table = self._browser.table
        if action == "only":
            self.only_wanted.emit([run.key for run in runs])
        elif action == "rename":
            table.edit_column(runs[0].key, "net")
        elif action == "tags":
            self._ask_tags(runs)
        elif action == "notes":
            self.ask_notes(runs[0].key)
        elif action == "colour":
            self._ask_colour(runs)
        elif action == "resume":
            self._resume(trained_runs(runs))
        elif action == "follow":
            self.follow_wanted.emit([run.folder for run in runs])
        elif action == "path":
            QGuiApplication.clipboard().setText(str(runs[0].folder))
        elif action == "trash":
            self.move_to_trash(runs)
        else:
            self._export(runs, action)

    def _resume(self, runs: Sequence[TrainedRun]) -> None:
        """Resume runs together. If all have come to their end, ask how far they are to go."""
        steps = 0
        if all(run.info.state == "finished" for run in runs):
            done = max(run.info.steps for run in runs)
            text = plain(
                _("{runs}: all {steps} steps are done. Train to which step?").format(
                    runs=", ".join(run.label for run in runs), steps=done
                )
            )
            steps, given = QInputDialog.getInt(self._browser, _("Resume run"), text, 2 * done, done + 1, MAX_STEPS)
            if not given:
                return
        self.resume_wanted.emit([run.folder for run in runs], steps)

    @Slot(str, str, str)
    def edit(self, key: str, what: str, text: str) -> None:
        """Save a name or tags that were typed into the table."""
        run = self._run_of(key)
        if run is None:
            return
        if what == "title":
            self._write([run], title="" if run.spec is not None and text.strip() == run.spec.label else text.strip())
        else:
            self._write([run], tags=parse_tags(text))

    @Slot(str)
    def ask_notes(self, key: str) -> None:
        """Let the user edit the notes of a run."""
        run = self._run_of(key)
        if run is None or run.sample:
            return
        text, given = QInputDialog.getMultiLineText(
            self._browser, _("Notes"), plain(_("Notes on {run}").format(run=run.label)), run.notes.notes
        )
        if given:
            self._write([run], notes=text)

    def move_to_trash(self, runs: Sequence[RunSummary]) -> None:
        """Move runs to the trash. A run that can't be moved is reported, and the others are moved."""
        group: _Group = []
        self._throw(runs, group)
        if group:
            self.done.emit(Change(partial(self._restore, group), partial(self._throw, list(runs), group)))

    def _throw(self, runs: Sequence[RunSummary], group: _Group) -> None:
        self.problem.emit("")
        for run in runs:
            try:
                if run.sample:
                    raise RunError(f"{run.label}: {_SAMPLE}")
                group.append((trash.move_to_trash(run.folder), run.folder))
            except RunError as error:
                self.problem.emit(str(error))
        if group:
            self._trashed.append(group)
        self._done()

    @Slot()
    def undo(self) -> None:
        """Restore the runs that were moved to the trash last together, also those of an earlier session."""
        earlier = [(path, self._root / path.name) for path in trash.in_trash(self._root)[-1:]]
        self._restore(self._trashed[-1] if self._trashed else earlier)

    def _restore(self, group: _Group) -> None:
        """Bring runs back, and forget that they were thrown away. A group that was brought back already is empty."""
        self._trashed = [other for other in self._trashed if other is not group]
        for thrown, place in group:
            try:
                trash.bring_back(thrown, place)
            except RunError as error:
                self.problem.emit(str(error))
        group.clear()
        self._done()

    @Slot()
    def empty(self) -> None:
        """Delete all runs in the trash, after a question."""
        count = len(trash.in_trash(self._root))
        text = ngettext("Delete {count} run forever?", "Delete {count} runs forever?", count).format(count=count)
        if QMessageBox.question(self._browser, _("Empty trash"), text) != QMessageBox.StandardButton.Yes:
            return
        self._trashed.clear()
        try:
            trash.empty(self._root)
        except RunError as error:
            self.problem.emit(str(error))
        self._done()

    def show_trash(self) -> None:
        """Show how many runs are in the trash."""
        self._browser.set_trash(len(trash.in_trash(self._root)))

    @Slot()
    def _trash_selected(self) -> None:
        self.move_to_trash(self.selected())

    def _ask_tags(self, runs: Sequence[RunSummary]) -> None:
        """The tags of several runs become those that are typed."""
        known = ", ".join(dict.fromkeys(tag for run in runs for tag in run.notes.tags))
        text, given = QInputDialog.getText(self._browser, _("Tags"), _("Tags, separated by commas:"), text=known)
        if given:
            self._write(runs, tags=parse_tags(text))

    def _ask_colour(self, runs: Sequence[RunSummary]) -> None:
        """Let the user choose one of the colours for nets of this kind."""
        own = [run for run in runs if not run.sample]
        menu = ColourMenu(theme.current().net_colours(palette_of(runs[0])), self._browser)
        menu.colour_chosen.connect(lambda colour: self._write(own, colour=colour))
        menu.popup(QCursor.pos())

    def _write(self, runs: Sequence[RunSummary], **changed: object) -> None:
        self.problem.emit("")
        for run in runs:
            try:
                if run.sample:
                    raise RunError(f"{run.label}: {_SAMPLE}")
                write_notes(run.folder, **changed)
            except RunError as error:
                self.problem.emit(str(error))
        self.changed.emit()

    def _export(self, runs: Sequence[RunSummary], form: str) -> None:
        run = runs[0]
        try:
            if form == "tensorboard":
                chosen = QFileDialog.getExistingDirectory(self._browser, _("Folder for TensorBoard"))
                for one in runs if chosen else ():
                    to_tensorboard(RunFolder(one.folder), Path(chosen))
            else:
                name = f"{dialogs.file_name(run.label)}-{run.info.id}.{form}"
                path = dialogs.ask_where(self._browser, _("Export run"), name, [(form, form.upper())])
                if path is None:
                    return
                content = to_csv if form == "csv" else to_parquet
                dialogs.write(path, content(RunFolder(run.folder)))
                chosen = str(path)
            lost = [text for one in runs if chosen and (text := lost_in_export(RunFolder(one.folder)))]
        except (RunError, dialogs.FileProblem) as error:
            self.problem.emit(str(error))
            return
        self.problem.emit(" ".join(lost))
        if chosen:
            self.status_message.emit(_("wrote {file}").format(file=chosen))

    def _done(self) -> None:
        self.show_trash()
        self.changed.emit()


def _can_resume(runs: Sequence[RunSummary]) -> bool:
    """Return whether these runs can go on together: one, or a few of one group."""
    found = trained_runs(runs)
    return (
        0 < len(found) == len(runs) <= MAX_NETS
        and all(run.info.state != "running" and run.info.watched is None for run in found)
        and len({run.info.group or run.info.id for run in found}) == 1
    )
