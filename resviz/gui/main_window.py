"""The window: three workspaces on a rail, a status bar. TRAIN and COMPARE are made when first opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QFontMetrics, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.analysis.counts import Convention, exact, shares_text, short
from resviz.base.translation import _
from resviz.gui.builder.build_controller import BuildController
from resviz.gui.builder.build_view import BuildView
from resviz.gui.style import theme
from resviz.gui.style.theme import SPACING

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.gui.builder.open_net import OpenNet
    from resviz.gui.compare.compare_controller import CompareController
    from resviz.gui.train.train_controller import TrainController

_MESSAGE_MS = 8000
WORKSPACES = (("build", _("Build")), ("train", _("Train")), ("compare", _("Compare")))
WINDOWS = (
    ("lessons", _("Illustrations"), _("Small worked examples from lectures, with pictures.")),
    ("claims", _("Claims"), _("Numbers that papers and lectures print, recomputed.")),
)

_RAIL_POINTS = 8.5


class MainWindow(QMainWindow):
    """The window: a rail with the pages, and a status bar. Pages are made when they are opened first."""

    def __init__(self, runs: Path | None = None) -> None:
        """Make the window. `runs` is the folder of the runs; None takes the user's folder."""
        super().__init__()
        self.setWindowTitle("Resviz")
        self.resize(1440, 900)
        self.setMinimumSize(1200, 680)
        self._runs = runs
        self._train: TrainController | None = None
        self._compare: CompareController | None = None
        self._stack = QStackedWidget()
        self._rail: dict[str, QToolButton] = {}
        self._windows: dict[str, QWidget] = {}
        for name, _title in WORKSPACES:
            place = QWidget()
            layout = QVBoxLayout(place)
            layout.setContentsMargins(0, 0, 0, 0)
            place.setObjectName(name)
            self._stack.addWidget(place)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(4, SPACING, SPACING, 2)
        row.setSpacing(6)
        row.addWidget(self._make_rail())
        row.addWidget(self._stack, 1)
        self.setCentralWidget(body)
        self._totals, self._recipe = QLabel(), QLabel()
        self._device = QLabel()
        for label in (self._totals, self._recipe, self._device):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.statusBar().addWidget(self._totals, 1)
        self.statusBar().addWidget(self._recipe, 1)
        self.statusBar().addPermanentWidget(self._device)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(SPACING, 0, SPACING, 0)
        self._tint()
        theme.changed().connect(self._tint)

        view = BuildView()
        self._fill("build", view)
        self.build = BuildController(view, self)
        self.build.net_selected.connect(self._show_totals)
        self.build.status_message.connect(self._say)
        view.first_lesson_requested.connect(self.start_first_lesson)
        self.build.state.show_family("resnet")
        self.open("build")
        view.table.setFocus()

    @Slot()
    def start_first_lesson(self) -> None:
        """Train plain-20 against ResNet-20, with any settings that TRAIN had before."""
        self.open("train")
        self.open_train().start_lesson()

    def open(self, name: str) -> None:
        """Show a workspace."""
        index = [known for known, _ in WORKSPACES].index(name)
        if name == "train":
            self.open_train()
        if name == "compare":
            self.open_compare()
        self._stack.setCurrentIndex(index)
        self._totals.setVisible(name == "build")  # of the net that is looked at there, not of those that train
        self._recipe.setVisible(name == "train")
        self._rail[name].setChecked(True)

    def open_train(self) -> TrainController:
        """Return TRAIN's controller, made at first use: it brings pyqtgraph along, which BUILD shouldn't wait for."""
        if self._train is None:
            from resviz.gui.train.train_controller import TrainController
            from resviz.gui.train.train_view import TrainView

            view = TrainView()
            self._fill("train", view)
            self._train = TrainController(view, self._runs, self)
            self._train.device_changed.connect(self._device.setText)
            self._train.recipe_changed.connect(self._recipe.setText)
            self._train.show_recipe()
        return self._train

    def open_compare(self) -> CompareController:
        """Return COMPARE's controller, made at first use."""
        if self._compare is None:
            from resviz.gui.compare.compare_controller import CompareController
            from resviz.gui.compare.compare_view import CompareView

            view = CompareView()
            self._fill("compare", view)
            self._compare = CompareController(view, self._runs, self)
            self._compare.status_message.connect(self._say)
            self._compare.resume_wanted.connect(self._resume)
        return self._compare

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop a training run, which keeps what it has; the worker is waited for, but never for long."""
        if self._train is not None:
            self._train.shut_down()
        if self._compare is not None:
            self._compare.shut_down()
        self.build.shut_down()
        for window in self._windows.values():
            window.close()
        super().closeEvent(event)

    def still_training(self) -> bool:
        """Return whether the worker did not end in the time that closing gave it."""
        return self._train is not None and bool(self._train.runner.is_alive())

    def _make_rail(self) -> QWidget:
        rail = QWidget()
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        group = QButtonGroup(self)
        for number, (name, title) in enumerate(WORKSPACES, 1):
            button = self._rail_button(title, f"{title} (Ctrl+{number})")
            button.setCheckable(True)
            button.clicked.connect(partial(self.open, name))
            group.addButton(button)
            self._rail[name] = button
            column.addWidget(button)
            action = QAction(title, self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(button.click)
            self.addAction(action)
        column.addStretch(1)
        for name, title, tip in WINDOWS:
            button = self._rail_button(title, tip)
            button.clicked.connect(partial(self.open_window, name))
            self._rail[name] = button
            column.addWidget(button)
        self._theme_button = self._rail_button(_("Theme"), _("Switch between the light and the dark theme."))
        self._theme_button.clicked.connect(self._other_theme)
        column.addWidget(self._theme_button)
        return rail

    def _rail_button(self, title: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("rail")
        button.setText(title)
        button.setToolTip(tip)
        button.setIconSize(QSize(24, 24))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        font = button.font()
        font.setPointSizeF(_RAIL_POINTS)  # as the style sheet has it, which is not applied yet
        width = QFontMetrics(font).horizontalAdvance(title) + 6
        button.setFixedSize(max(66, width), 58)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _fill(self, name: str, view: QWidget) -> None:
        place = self._stack.widget([known for known, _ in WORKSPACES].index(name))
        layout = place.layout() if place is not None else None
        if layout is not None:
            layout.addWidget(view)

    def open_window(self, name: str) -> QWidget:
        """Return a window of its own, made at first use."""
        if name not in self._windows:
            if name == "claims":
                from resviz.gui.claims.claims_window import ClaimsWindow

                self._windows[name] = ClaimsWindow(self)
            else:
                from resviz.gui.lessons.lessons_window import LessonsWindow

                self._windows[name] = LessonsWindow(self)
        window = self._windows[name]
        window.show()
        window.raise_()
        window.activateWindow()
        return window

    @Slot()
    def _other_theme(self) -> None:
        theme.apply(theme.LIGHT if theme.current() is theme.DARK else theme.DARK)

    @Slot()
    def _tint(self) -> None:
        colours = theme.current()
        for name, button in self._rail.items():
            button.setIcon(theme.icon(name, colours.text))
        self._theme_button.setIcon(theme.icon("theme", colours.text))

    @Slot(object, int)
    def _resume(self, folder: Path, steps: int) -> None:
        """A saved run goes on, in TRAIN."""
        self.open("train")
        self.open_train().resume_run(folder, steps or None)

    @Slot(str)
    def _say(self, text: str) -> None:
        self.statusBar().showMessage(text, _MESSAGE_MS)

    @Slot(object, object)
    def _show_totals(self, column: OpenNet, convention: Convention) -> None:
        counts, spec = column.counts, column.spec
        with_option = _("{net}, option {option}").format(net=spec.label, option=spec.shortcut)
        parts = [
            with_option if spec.has_shortcuts else spec.label,
            counts.layers_text,
            _("{count} parameters").format(count=exact(counts.parameters)),
            _("{count} FLOPs ({unit})").format(count=short(counts.flops * convention.factor), unit=convention.unit),
        ]
        if counts.shares:
            parts = [spec.label, shares_text(counts, convention)]
        if column.claim:
            number = column.claim.printed_label
            if convention.factor > 1 and column.claim.is_flops:
                number = _("{number} (counted as one)").format(number=number)
            verdict = _("agrees with {place}: {number}") if column.claim.agrees else _("differs from {place}: {number}")
            parts.append(verdict.format(place=column.claim.source.rsplit(", ", 1)[1], number=number))
        self.statusBar().clearMessage()
        self._totals.setText("  ·  ".join(parts))
