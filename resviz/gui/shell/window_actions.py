"""What the menus do that belongs to no page alone: files, settings, zoom, help, and actions passed on to a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.gui.actions.action_table import CLAIMS, COMPARE, LESSONS, TRAIN
from resviz.gui.files import dialogs
from resviz.gui.shell import areas
from resviz.gui.shell.preferences import MAX_ZOOM, MIN_ZOOM, ZOOM_STEP, apply_theme
from resviz.gui.style import theme
from resviz.results.run_summary import trained_runs
from resviz.runs.curve_kinds import PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resviz.gui.compare.compare_controller import CompareController
    from resviz.gui.models.models import Models
    from resviz.gui.presentation.slide import Deck
    from resviz.gui.shell.preferences import PreferenceStore
    from resviz.gui.shell.window_frame import WindowFrame
    from resviz.gui.train.train_controller import TrainController
    from resviz.nets.spec import NetSpec

_FILES = f"*.toml {PATTERNS} *.onnx *.pt2 *.safetensors *.pth *.pt *.py *.graph.json"


class WindowActions(QObject):
    """Connects the actions of the whole window. Dialogs are imported when they are wanted."""

    def __init__(self, window: WindowFrame, preferences: PreferenceStore) -> None:
        super().__init__(window)
        self._window, self._preferences = window, preferences
        window.train_made.connect(self.connect_train)
        window.compare_made.connect(self.connect_compare)
        self._models: Models | None = None
        window.files_dropped.connect(self.open_paths)
        window.page_opened.connect(self._offer_open_nets)
        actions = window.actions_
        for name, handler in (
            ("open", self.ask_files),
            ("open_model", self.ask_model),
            ("open_run", self.ask_run),
            ("follow", self.ask_followed),
            ("close", self.close_active_window),
            ("quit", window.close),
            ("settings", self.show_settings),
            ("palette", self.show_palette),
            ("present", self.present),
            ("theme", self.switch_theme),
            ("zoom_in", self.zoom_in),
            ("zoom_out", self.zoom_out),
            ("zoom_reset", self.reset_zoom),
            ("next_area", self.go_to_next_area),
            ("previous_area", self.go_to_previous_area),
            ("first_lesson", window.start_first_lesson),
            ("explain", self.explain_focus),
            ("shortcuts", self.show_shortcuts),
            ("glossary", self.show_glossary),
            ("system", self.copy_system_information),
            ("about", self.show_about),
        ):
            actions.on(name, handler)
        for page in (LESSONS, CLAIMS):
            actions.on("picture", self.save_painted, page)
        preferences.changed.connect(self.apply_preferences)

    @Slot(object)
    def connect_train(self, train: TrainController) -> None:
        """Connect the actions of TRAIN, and enable those that are possible."""
        actions = self._window.actions_
        for name, handler in (
            ("start", train.start_or_pause),
            ("step", train.runner.step_once),
            ("stop", train.stop),
            ("previous_run", train.show_previous),
            ("recipe", train.view.recipe.toggle),
            ("load_weights", train.weights.ask),
            ("picture", train.display.save_focused),
            ("undo", train.editor.undo),
            ("redo", train.editor.redo),
            ("open_in_build", lambda: self.open_in_build(train.training_state.specs)),
        ):
            actions.on(name, handler, TRAIN)

        def enable() -> None:
            for name, enabled in (
                ("start", train.state not in ("preparing", "stopping", "following")),
                ("step", train.state == "paused"),
                ("stop", train.state in ("preparing", "running", "paused", "following")),
                ("previous_run", train.has_previous),
                ("undo", train.editor.steps.can_undo),
                ("redo", train.editor.steps.can_redo),
            ):
                actions.set_enabled(name, enabled, TRAIN)
            train.view.previous.setEnabled(train.has_previous)

        train.actions_changed.connect(enable)
        train.compare_wanted.connect(self.compare_runs)
        train.keep_short_runs = self._preferences.current.keep_short_runs
        enable()

    @Slot(object)
    def connect_compare(self, compare: CompareController) -> None:
        """Connect the actions of COMPARE."""
        actions = self._window.actions_
        for name, handler in (
            ("import", compare.ask_import),
            ("report", compare.ask_report),
            ("picture", compare.display.save_focused),
            ("undo", compare.undo),
            ("redo", compare.redo),
            ("open_in_build", lambda: self.open_in_build(run.spec for run in trained_runs(compare.chosen_runs()))),
        ):
            actions.on(name, handler, COMPARE)

        def enable() -> None:
            actions.set_enabled("undo", compare.steps.can_undo, COMPARE)
            actions.set_enabled("redo", compare.steps.can_redo, COMPARE)

        compare.undo_changed.connect(enable)
        enable()

    def save_painted(self) -> None:
        """Save the picture of the page that has the keyboard, or the first in sight."""
        from resviz.gui.plots.painted_plot import PaintedPlot

        shown = [plot for plot in self._window.page_widget().findChildren(PaintedPlot) if plot.isVisible()]
        focused = [plot for plot in shown if plot.hasFocus()]
        for plot in (focused or shown)[:1]:
            plot.save()

    # Files

    def ask_files(self) -> None:
        """Ask for files of any kind, and open them."""
        window = self._window
        filters = f"{_('nets, models and curves')} ({_FILES});;{_('all files')} (*)"
        self.open_paths(dialogs.ask_files(window, _("Open"), filters))

    def ask_model(self) -> None:
        """Ask for a model of another program, and open it."""
        self.models().ask()

    def models(self) -> Models:
        """Return what opens models of other programs. It is loaded at first use."""
        if self._models is None:
            from resviz.gui.models.models import Models

            self._models = Models(self._window, self._window.say, self.open_in_build)
            self._window.closed.connect(self._models.shut_down)
        return self._models

    def ask_run(self) -> None:
        """Ask for the folder of a run, and open it in COMPARE."""
        chosen = QFileDialog.getExistingDirectory(self._window, _("Open run folder"))
        if chosen:
            self.open_paths([chosen])

    def ask_followed(self) -> None:
        """Ask for the folder of a run that another program writes, and show it as it grows.

        Of a folder with runs in it, show the newest one.
        """
        from resviz.runs.library import default_folder, newest_run, runs_beside

        chosen = QFileDialog.getExistingDirectory(
            self._window, _("Follow a run, or the newest run of a folder"), str(default_folder())
        )
        if not chosen:
            return
        folder = Path(chosen)
        run = folder if (folder / "run.json").is_file() else newest_run(folder)
        if run is None:
            self._window.say(_("There is no run in {folder}.").format(folder=folder))
            return
        try:
            self._window.follow(runs_beside(run))
        except ResvizError as error:
            self._window.say(str(error))

    @Slot(list)
    def open_paths(self, paths: Sequence[str | Path]) -> None:
        """Open files by what they are: nets in BUILD, run folders and curves in COMPARE. Say what can't be opened."""
        if not paths:
            return  # the readers of runs take as long to load as the window takes to open
        from resviz.gui.files.file_kinds import kind_of_file

        window = self._window
        by_kind: dict[str, list[Path]] = {}
        for path in map(Path, paths):
            by_kind.setdefault(kind_of_file(path), []).append(path)
        if specs := by_kind.get("spec"):
            window.open("build")
            window.build.spec_files.open_files(specs)
        if runs := by_kind.get("run"):
            window.open("compare")
            window.open_compare().open_runs(runs)
        if curves := by_kind.get("curves"):
            window.open("compare")
            for path in curves:
                window.open_compare().import_file(path)
        for path in by_kind.get("model", []):
            self.models().open_file(path)
        if unknown := by_kind.get(""):
            text = _(
                "{file} is not a net (TOML), a model (ONNX, PT2, safetensors, Python), a run folder, or curves (CSV, "
                "TSV, logs of TensorBoard, Weights & Biases or Trackio)."
            )
            window.say(text.format(file=unknown[0]))

    def open_in_build(self, specs: Iterable[NetSpec]) -> None:
        """Open nets in BUILD. A net that is open already is selected."""
        self._window.open("build")
        for spec in specs:
            self._window.build.state.show_net(spec)

    @Slot(list)
    def compare_runs(self, folders: list[Path]) -> None:
        """Show runs in COMPARE, with their final errors."""
        self._window.open("compare")
        compare = self._window.open_compare()
        compare.open_runs(folders)
        compare.display.choose_view("second", "table")

    # Settings

    def show_settings(self) -> None:
        """Show the settings."""
        from resviz.gui.shell.settings_dialog import SettingsDialog

        _run_dialog(SettingsDialog(self._preferences, self._window))

    def apply_preferences(self) -> None:
        """Put the window into the preferred theme and size."""
        preferences = self._preferences.current
        apply_theme(preferences)
        if self._window.has_train:
            self._window.open_train().keep_short_runs = preferences.keep_short_runs

    def switch_theme(self) -> None:
        """Show the dark theme instead of the light one, or the other way round."""
        self._preferences.update(theme="light" if theme.current().name == "dark" else "dark")

    def zoom_in(self) -> None:
        """Make all text larger."""
        self._zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Make all text smaller."""
        self._zoom(1 / ZOOM_STEP)

    def reset_zoom(self) -> None:
        """Show all text at its normal size."""
        self._preferences.update(zoom=1.0)

    def _zoom(self, factor: float) -> None:
        zoom = round(self._preferences.current.zoom * factor, 2)
        self._preferences.update(zoom=min(max(zoom, MIN_ZOOM), MAX_ZOOM))

    # Finding one's way

    def show_palette(self) -> None:
        """Show the command palette."""
        from resviz.gui.shell.palette import Palette, palette_entries

        _run_dialog(Palette(palette_entries(self._window), self._window))

    def present(self) -> None:
        """Show the page in presentation mode, or leave it. Illustrations and CLAIMS fill the screen as they are."""
        from resviz.gui.presentation.decks import BuildDeck, CompareDeck, StoryDeck, TrainDeck
        from resviz.gui.presentation.presentation import Presentation

        window = self._window
        under_way = [shown for shown in window.findChildren(Presentation) if shown.isVisible()]
        for shown in under_way:
            shown.close()
        if under_way:
            return
        tells_story = window.page == "lessons" and window.open_lessons().shows_story
        if window.page in ("lessons", "claims") and not tells_story:
            window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)
            return
        deck: Deck
        if tells_story:
            deck = StoryDeck(window.open_lessons().story)
        elif window.page == "train":
            deck = TrainDeck(window.open_train())
        elif window.page == "compare":
            deck = CompareDeck(window.open_compare())
        else:
            deck = BuildDeck(window.build)
        presentation = Presentation(deck, window)
        presentation.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        presentation.setScreen(window.screen())
        presentation.showFullScreen()

    def go_to_next_area(self) -> None:
        """Move the keyboard to the next part of the page."""
        areas.move_focus(self._window, 1)

    def go_to_previous_area(self) -> None:
        """Move the keyboard to the previous part of the page."""
        areas.move_focus(self._window, -1)

    def close_active_window(self) -> None:
        """Close the window that has the keyboard."""
        (QApplication.activeWindow() or self._window).close()

    # Help

    def explain_focus(self) -> None:
        """Explain the widget that has the keyboard."""
        from resviz.gui.shell.help import explain_widget

        explain_widget(QApplication.focusWidget() or self._window, self._window.page)

    def show_shortcuts(self) -> None:
        """Show every action with its keys."""
        from resviz.gui.shell.help import ShortcutSheet

        _run_dialog(ShortcutSheet(self._window.actions_, self._window))

    def show_glossary(self) -> None:
        """Show the glossary."""
        from resviz.gui.shell.help import GlossaryDialog

        _run_dialog(GlossaryDialog(self._window))

    def show_about(self) -> None:
        """Show version, licence and citation."""
        from resviz.gui.shell.help import AboutDialog

        _run_dialog(AboutDialog(self._window))

    def copy_system_information(self) -> None:
        """Copy what a bug report needs to know about this machine."""
        from resviz.gui.shell.help import window_information

        QGuiApplication.clipboard().setText(window_information())
        self._window.say(_("The system information was copied."))

    @Slot(str)
    def _offer_open_nets(self, page: str) -> None:
        """Offer in TRAIN the nets that are open in BUILD now."""
        if page != TRAIN:
            return
        nets = {net.spec.label: net.spec for net in self._window.build.state.open_nets}
        self._window.open_train().editor.set_open_nets(nets)


def _run_dialog(dialog: QDialog) -> None:
    dialog.exec()
    dialog.deleteLater()
