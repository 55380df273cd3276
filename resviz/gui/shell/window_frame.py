"""The frame of the window: pages on a rail and a status bar. Other pages than BUILD are made when first opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.actions.action_table import PAGES
from resviz.gui.actions.actions import Actions
from resviz.gui.builder.build_controller import BuildController
from resviz.gui.builder.build_view import BuildView
from resviz.gui.builder.net_totals import net_totals
from resviz.gui.shell.page_preloading import PagePreloader
from resviz.gui.style import theme
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import FRAME, Panel, plain
from resviz.gui.workers.background_reader import still_reading
from resviz.gui.workers.patience import closing
from resviz.nets import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from resviz.analysis.counts import Convention
    from resviz.gui.builder.document import Document
    from resviz.gui.builder.open_net import OpenNet
    from resviz.gui.claims.claims_page import ClaimsPage
    from resviz.gui.compare.compare_controller import CompareController
    from resviz.gui.lessons.lessons_view import LessonsView
    from resviz.gui.train.train_controller import TrainController
    from resviz.gui.train.training_request import TrainingRequest

_MINIMUM, _SMALL_SCREEN = QSize(960, 600), QSize(640, 400)
"""The smallest size of the window; a screen with less room than that may make it smaller."""
_MESSAGE_MS = 8000
_RAIL_POINTS = 8.5


class WindowFrame(QMainWindow):
    """A rail with the pages, and a status bar. It knows nothing of menus and settings."""

    page_opened = Signal(str)
    train_made = Signal(object)
    """TRAIN's controller, when the page is opened first."""
    compare_made = Signal(object)
    """COMPARE's controller, when the page is opened first."""
    files_dropped = Signal(list)
    closed = Signal()
    """The window is about to close, and nothing keeps it from that."""

    def __init__(self, runs: Path | None = None, document: Document | None = None) -> None:
        """Make the window.

        Args:
            runs: Folder of the runs; None takes the user's folder.
            document: The nets that are open at first; None opens the ResNets of table 1.
        """
        super().__init__()
        self.setWindowTitle("Resviz")
        self.resize(1440, 900)
        screen = self.screen().availableSize() - FRAME
        self.setMinimumSize(_MINIMUM.boundedTo(screen).expandedTo(_SMALL_SCREEN))
        self.setAcceptDrops(True)
        self.confirm: Callable[[str, str], bool] = self._ask
        """Asks a question, title and text, before something is lost. Return whether to go on."""
        self.actions_ = Actions(self)
        self._active_panel: QWidget | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._mark_area)
        self._runs = runs
        self.preloader = PagePreloader()
        """Not started: a window that is made for a test needs few pages."""
        self._train: TrainController | None = None
        self._compare: CompareController | None = None
        self._lessons: LessonsView | None = None
        self._claims: ClaimsPage | None = None
        self.page = ""
        """Name of the page in sight."""
        self._stack = QStackedWidget()
        self._places: dict[str, QWidget] = {}
        self._rail: dict[str, QToolButton] = {}
        for name, _title in PAGES:
            place = QWidget()
            layout = QVBoxLayout(place)
            layout.setContentsMargins(0, 0, 0, 0)
            place.setObjectName(name)
            self._places[name] = place
            self._stack.addWidget(place)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(4, SPACING // 2, SPACING, 2)
        row.setSpacing(6)
        self.rail = self._make_rail()
        row.addWidget(self.rail)
        row.addWidget(self._stack, 1)
        self.setCentralWidget(body)
        self._status = {name: QLabel() for name in ("build", "train")}
        for label in self._status.values():
            label.setTextFormat(Qt.TextFormat.PlainText)
            self.statusBar().addWidget(label, 1)
        self._device = QLabel()
        self._device.setTextFormat(Qt.TextFormat.PlainText)
        self.statusBar().addPermanentWidget(self._device)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(SPACING, 0, SPACING, 0)
        self._tint()
        theme.changed().connect(self._tint)

        view = BuildView(self.actions_)
        self._fill("build", view)
        self.build = BuildController(view, self)
        self.build.net_selected.connect(self._show_totals)
        self.build.status_message.connect(self.say)
        self.build.training_wanted.connect(self.train_nets)
        if document is not None:
            self.build.state.open_document(document)
        else:
            self.build.state.show_family("resnet")
        self.open("build")
        view.table.setFocus()

    @Slot()
    def start_first_lesson(self) -> None:
        """Train plain-20 against ResNet-20, with any settings that TRAIN had before."""
        self.open("train")
        self.open_train().start_lesson()

    @Slot(str)
    def open(self, name: str) -> None:
        """Show a page."""
        makers: dict[str, Callable[[], object]] = {
            "train": self.open_train,
            "compare": self.open_compare,
            "lessons": self.open_lessons,
            "claims": self.open_claims,
        }
        if name in makers:
            makers[name]()
        self.page = name
        self._stack.setCurrentWidget(self._places[name])
        self.statusBar().clearMessage()  # it lies over the labels, which are shown now
        for page, label in self._status.items():
            label.setVisible(page == name)
        self._device.setVisible(name == "train")
        self._rail[name].setChecked(True)
        self.actions_.show_page(name)
        self.page_opened.emit(name)

    def open_train(self) -> TrainController:
        """Return TRAIN's controller, made at first use: it brings pyqtgraph along, which BUILD shouldn't wait for."""
        if self._train is None:
            self.preloader.wait()
            from resviz.gui.train.train_controller import TrainController
            from resviz.gui.train.train_view import TrainView

            view = TrainView()
            self._fill("train", view)
            self._train = TrainController(view, self._runs, self)
            self._train.device_changed.connect(self._device.setText)
            self._train.recipe_changed.connect(self._status["train"].setText)
            self._train.show_recipe()
            self.train_made.emit(self._train)
        return self._train

    def open_compare(self) -> CompareController:
        """Return COMPARE's controller, made at first use."""
        if self._compare is None:
            self.preloader.wait()
            from resviz.gui.compare.compare_controller import CompareController
            from resviz.gui.compare.compare_view import CompareView

            view = CompareView()
            self._fill("compare", view)
            self._compare = CompareController(view, self._runs, self)
            self._compare.status_message.connect(self.say)
            self._compare.resume_wanted.connect(self._resume)
            self._compare.follow_wanted.connect(self.follow)
            self.compare_made.emit(self._compare)
        return self._compare

    def open_lessons(self) -> LessonsView:
        """Return the page of the illustrations, made at first use."""
        if self._lessons is None:
            self.preloader.wait()
            from resviz.gui.lessons.lessons_view import LessonsView

            self._lessons = LessonsView(self.open_train, self._runs)
            self._lessons.train_wanted.connect(self._show_train)
            self._fill("lessons", self._lessons)
        return self._lessons

    def open_claims(self) -> ClaimsPage:
        """Return the page of the claims, made at first use."""
        if self._claims is None:
            self.preloader.wait()
            from resviz.gui.claims.claims_page import ClaimsPage

            self._claims = ClaimsPage()
            self._claims.net_wanted.connect(self._explain_net)
            self._fill("claims", self._claims)
        return self._claims

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask once if something is under way; then stop a training, which keeps what it has."""
        question = self._closing_question()
        if question and not self.confirm(_("Close Resviz?"), question):
            event.ignore()
            return
        self._leave_full_screen()  # or it would open without a frame the next time
        self.closed.emit()
        self.hide()  # what ends now is not waited for by whoever closed it
        if self._train is not None:
            self._train.runner.stop()  # it takes longest, so it ends beside the others
        with closing():
            for page in (self._compare, self._lessons, self._claims, self.build, self._train):
                if page is not None:
                    page.shut_down()
        super().closeEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the full screen by Escape."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self._leave_full_screen()
        else:
            super().keyPressEvent(event)

    def _leave_full_screen(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self.files_dropped.emit([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    @Slot(QWidget, QWidget)
    def _mark_area(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Draw the frame of the panel that has the keyboard in another colour, so that it is seen where it is."""
        panel: QWidget | None = now
        while panel is not None and not isinstance(panel, Panel):
            panel = panel.parentWidget()
        if panel is self._active_panel or (panel is None and now is None):
            return
        for one, active in ((self._active_panel, False), (panel, True)):
            if one is not None and isValid(one):
                one.setProperty("active", active)
                one.style().polish(one)
        self._active_panel = panel

    @property
    def has_train(self) -> bool:
        """Whether TRAIN was opened."""
        return self._train is not None

    def known_claims(self) -> list[dict[str, str]]:
        """Return the claims that were recomputed so far."""
        return self._claims.claims if self._claims is not None else []

    def place_of(self, page: str) -> QWidget:
        """Return the place of a page, which is empty until the page is opened."""
        return self._places[page]

    def page_widget(self) -> QWidget:
        """Return the place of the page in sight."""
        return self._places[self.page]

    def still_working(self) -> bool:
        """Return whether something that was under way did not end in the time that closing gave it."""
        train = self._train
        return still_reading() or (train is not None and (train.runner.is_alive() or train.data.busy))

    @Slot(str)
    def say(self, text: str) -> None:
        """Show a message in the status bar for some seconds."""
        self.statusBar().showMessage(text, _MESSAGE_MS)

    def _closing_question(self) -> str:
        """Return what would be interrupted or is not saved, and what is kept of it; "" if there is nothing."""
        training = self._train.closing_text() if self._train is not None else ""
        return "\n".join(filter(None, (training, self.build.closing_text())))

    def _ask(self, title: str, text: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.Question, title, f"<b>{plain(title)}</b><br><br>{plain(text)}", parent=self)
        close = box.addButton(QMessageBox.StandardButton.Close)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(close)
        box.exec()
        chosen = box.clickedButton() is close
        box.deleteLater()
        return chosen

    def _make_rail(self) -> QWidget:
        rail = QWidget()
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        group = QButtonGroup(self)
        for number, (name, title) in enumerate(PAGES, 1):
            button = self._rail_button(title, f"{title} (Ctrl+{number})")
            button.setCheckable(True)
            button.clicked.connect(partial(self.open, name))
            group.addButton(button)
            self._rail[name] = button
            column.addWidget(button)
            self.actions_.on(f"page_{name}", partial(self.open, name))
        column.addStretch(1)
        self._theme_button = self._rail_button(_("Theme"), _("Switch between the light and the dark theme."))
        self._theme_button.clicked.connect(self.actions_["theme"].trigger)
        column.addWidget(self._theme_button)
        return rail

    def _rail_button(self, title: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("rail")
        button.setText(title)
        button.setToolTip(tip)
        button.setIconSize(QSize(24, 24))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _size_rail(self) -> None:
        """Give the buttons of the rail room for their texts, as large as these are."""
        buttons = (*self._rail.values(), self._theme_button)
        font = buttons[0].font()
        font.setPointSizeF(_RAIL_POINTS * theme.zoom())  # as the style sheet has it, which may not be applied yet
        width = max(QFontMetrics(font).horizontalAdvance(button.text()) for button in buttons) + 8
        for button in buttons:
            button.setFixedSize(max(66, width), 34 + QFontMetrics(font).height() + 8)

    def _fill(self, name: str, view: QWidget) -> None:
        layout = self.place_of(name).layout()
        if layout is not None:
            layout.addWidget(view)

    @Slot()
    def _tint(self) -> None:
        colours = theme.current()
        for name, button in self._rail.items():
            button.setIcon(theme.icon(name, colours.text))
        self._theme_button.setIcon(theme.icon("theme", colours.text))
        self.actions_.tint()
        self._size_rail()

    @Slot(object)
    def train_nets(self, request: TrainingRequest) -> None:
        """Train nets of BUILD, in TRAIN."""
        self.open("train")
        self.open_train().train_nets(request)

    @Slot()
    def _show_train(self) -> None:
        self.open("train")

    @Slot(str, str)
    def _explain_net(self, name: str, quantity: str) -> None:
        """Open a net of the catalogue, and show how one of its numbers is computed."""
        from resviz.gui.builder.explanation_subject import ExplanationSubject

        self.open("build")
        self.build.state.show_net(catalogue.find(name))
        self.build.state.explain(ExplanationSubject(quantity))

    @Slot(object, int)
    def _resume(self, folders: list[Path], steps: int) -> None:
        """Saved runs go on, in TRAIN."""
        self.open("train")
        self.open_train().resume_runs(folders, steps or None)

    @Slot(object)
    def follow(self, folders: list[Path]) -> None:
        """Show runs that another program writes in TRAIN, as they grow."""
        self.open("train")
        self.open_train().follow(folders)

    @Slot(object, object)
    def _show_totals(self, column: OpenNet, convention: Convention) -> None:
        self.statusBar().clearMessage()
        self._status["build"].setText(net_totals(column, convention))
