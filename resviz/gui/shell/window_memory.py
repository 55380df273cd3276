"""What the window remembers between starts: its place, its pages, open nets, settings of a training, runs in sight."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QByteArray, QObject, QTimer, Slot
from PySide6.QtWidgets import QSplitter

from resviz.base.errors import ResvizError
from resviz.base.settings import read_values, set_aside, write_values
from resviz.base.translation import _
from resviz.gui.builder.document_file import StoredDocument, restore_document, store_document
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resviz.gui.builder.document import Document
    from resviz.gui.shell.window_frame import WindowFrame

FILE = "window.json"
_SAVE_EVERY_MS = 3000
"""How often edited nets are saved, so that not even a crash loses them."""


class _Memory(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TrainMemory(_Memory):
    """What TRAIN is set to."""

    lesson: str
    nets: tuple[NetSpec, ...] = Field(min_length=1, max_length=4)
    recipe: dict[str, Any]
    free: bool = False
    device: str = "auto"
    views: dict[str, str] = {}


class CompareMemory(_Memory):
    """What COMPARE shows."""

    shown: tuple[str, ...] = ()
    filter: str = ""
    group: str = ""
    order: tuple[str, bool] = ("begun", True)
    hidden_columns: tuple[str, ...] = ()
    in_epochs: bool = False
    smooth: int = 0
    views: dict[str, str] = {}


class BuildMemory(_Memory):
    """What BUILD shows."""

    document: StoredDocument
    left: tuple[StoredDocument, ...] = ()
    """The tables that were open before, as they were left."""
    counting_both: bool = False
    tab: str = "layers"
    data: str = ""
    steps: int = 200


class WindowContents(_Memory):
    """Everything that is remembered. A page that was never opened keeps what it had before."""

    geometry: str = ""
    page: Literal["build", "train", "compare", "lessons", "claims"] = "build"
    splitters: dict[str, tuple[str, ...]] = {}
    build: BuildMemory | None = None
    train: TrainMemory | None = None
    compare: CompareMemory | None = None


class WindowMemory(QObject):
    """What a window was like when it was closed. It is restored page by page, as pages are opened."""

    def __init__(self) -> None:
        """Read what is remembered. A file that can't be read is set aside."""
        super().__init__()
        self._before = WindowContents()
        self._restored: set[str] = set()
        values, aside = read_values(FILE)
        try:
            self._before = WindowContents.model_validate(values)
        except (ValidationError, ResvizError):
            aside = set_aside(FILE)
        text = _("What the window remembered could not be read. The file was renamed to {file}.")
        self._problem = text.format(file=aside) if aside is not None else ""

    def document(self) -> Document | None:
        """Return the nets that were open, or None if that is not known."""
        if self._before.build is None:
            return None
        try:
            return restore_document(self._before.build.document)
        except ResvizError as error:
            self._problem = str(error)
            return None

    def restore(self, window: WindowFrame) -> bool:
        """Restore a window, which has the document already. Return whether its size and place were known."""
        self._window, before = window, self._before
        if self._problem:
            window.say(self._problem)
        found = bool(before.geometry) and window.restoreGeometry(_bytes(before.geometry))
        if before.build is not None:
            self._restore_build(before.build)
        window.page_opened.connect(self._restore_page)
        self._timer = QTimer(window)  # a program that is killed has lost at most what came after the last save
        self._timer.timeout.connect(self._save_if_edited)
        self._timer.start(_SAVE_EVERY_MS)
        self._saved = window.build.state.document
        self._restore_page("build")
        if before.page != "build":
            window.open(before.page)
        return bool(found)

    @Slot()
    def _save_if_edited(self) -> None:
        """Save if the depth table is another one than at the last time."""
        document = self._window.build.state.document
        if document is not self._saved and document.nets:
            self._saved = document
            self.save()

    @Slot()
    def save(self) -> None:
        """Remember the window as it is."""
        window, before = self._window, self._before
        contents = WindowContents(
            geometry=_text(window.saveGeometry()),
            page=window.page,
            splitters={**before.splitters, **{page: self._splitters(page) for page in self._restored}},
            build=self._build(),
            train=self._train() if "train" in self._restored else before.train,
            compare=self._compare() if "compare" in self._restored else before.compare,
        )
        write_values(FILE, contents.model_dump(mode="json"))

    @Slot(str)
    def _restore_page(self, page: str) -> None:
        if page in self._restored:
            return
        self._restored.add(page)
        for splitter, state in zip(
            self._place(page).findChildren(QSplitter), self._before.splitters.get(page, ()), strict=False
        ):
            splitter.restoreState(_bytes(state))
        with contextlib.suppress(ResvizError, ValidationError, KeyError):  # it begins as at the first start
            if page == "train" and self._before.train is not None:
                self._restore_train(self._before.train)
            if page == "compare" and self._before.compare is not None:
                self._restore_compare(self._before.compare)

    def _place(self, page: str) -> QWidget:
        return self._window.place_of(page)

    def _splitters(self, page: str) -> tuple[str, ...]:
        return tuple(_text(splitter.saveState()) for splitter in self._place(page).findChildren(QSplitter))

    def _build(self) -> BuildMemory:
        build = self._window.build
        answer = build.training.answer
        return BuildMemory(
            document=store_document(build.state.document),
            left=tuple(map(store_document, build.state.left_documents.values())),
            counting_both=build.state.convention.factor > 1,
            tab=build.view.tab,
            data=answer.data if answer else "",
            steps=answer.steps if answer else 200,
        )

    def _restore_build(self, memory: BuildMemory) -> None:
        from resviz.gui.train.training_request import TrainingRequest

        build = self._window.build
        for stored in memory.left:
            with contextlib.suppress(ResvizError):
                build.state.left_documents[stored.family] = restore_document(stored)
        build.view.counting_both.setChecked(memory.counting_both)
        build.view.show_tab(memory.tab)
        if memory.data:
            build.training.answer = TrainingRequest((), memory.data, memory.steps)

    def _train(self) -> TrainMemory:
        train = self._window.open_train()
        setup = train.setup
        return TrainMemory(
            lesson=setup.lesson.name,
            nets=setup.specs,
            recipe=setup.config.model_dump(mode="json"),
            free=setup.free,
            device=setup.device,
            views=train.display.chosen_views(),
        )

    def _restore_train(self, memory: TrainMemory) -> None:
        from resviz.gui.train.training_request import lesson_of
        from resviz.gui.train.training_setup import TrainingSetup
        from resviz.training.recipe import validate_recipe

        train = self._window.open_train()
        if train.state != "idle" or train.histories:
            return  # it was opened to train something: that is what is wanted now
        config = validate_recipe(memory.recipe)
        lesson = lesson_of(memory.lesson, memory.nets, config)
        train.display.show_lesson(lesson)
        train.editor.apply(TrainingSetup(lesson, memory.nets, config, memory.free, memory.device))
        train.editor.forget_steps()
        train.display.set_views({**train.display.views, **memory.views})

    def _compare(self) -> CompareMemory:
        compare = self._window.open_compare()
        return CompareMemory(
            shown=tuple(compare.shown),
            filter=compare.view.browser.filter.text(),
            group=compare.listing.group,
            order=compare.listing.order,
            hidden_columns=compare.view.browser.table.columns.hidden,
            in_epochs=compare.display.steps.in_epochs,
            smooth=compare.display.steps.smooth,
            views=compare.display.chosen_views(),
        )

    def _restore_compare(self, memory: CompareMemory) -> None:
        from resviz.gui.compare.compare_view import SMOOTHINGS

        compare = self._window.open_compare()
        compare.want_shown(memory.shown)
        compare.view.browser.filter.setText(memory.filter)
        compare.view.browser.choose_group(memory.group)
        compare.set_order(memory.order)
        compare.view.browser.table.columns.set_hidden(memory.hidden_columns)
        if memory.in_epochs:
            compare.view.x_axis.button("epochs").click()
        if memory.smooth in dict(SMOOTHINGS):
            compare.view.smoothing.button(str(memory.smooth)).click()
        compare.display.set_views({**compare.display.views, **memory.views})


def _text(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode()))
