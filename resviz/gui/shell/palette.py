"""The command palette: type a few letters of an action, a net, a run, a claim, a lesson or a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.actions.actions import shortcut_text
from resviz.results.columns import require_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from resviz.gui.shell.window_frame import WindowFrame
    from resviz.results.run_summary import RunSummary

_SHOWN = 60
_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}


@dataclass(frozen=True)
class PaletteEntry:
    """Something that can be chosen: its kind, its text, a hint like its keys, and what choosing it does."""

    kind: str
    text: str
    run: Callable[[], object]
    hint: str = ""


def palette_entries(window: WindowFrame) -> list[PaletteEntry]:
    """Return everything that can be chosen now."""
    return [*_actions(window), *_lessons(window), *_nets(window), *_runs(window), *_claims(window)]


def matching(entries: Iterable[PaletteEntry], typed: str) -> list[PaletteEntry]:
    """Return the entries that have all typed words, those that begin with the text first."""
    words = typed.lower().split()
    found = [entry for entry in entries if all(word in f"{entry.kind} {entry.text}".lower() for word in words)]
    start = typed.lower().strip()
    return sorted(found, key=lambda entry: (not entry.text.lower().startswith(start), start not in entry.text.lower()))


class Palette(QDialog):
    """A field and what fits it. Return does what is selected, Escape closes."""

    def __init__(self, entries: Sequence[PaletteEntry], window: WindowFrame) -> None:
        super().__init__(window)
        self.setWindowTitle(_("Command palette"))
        self._entries = list(entries)
        self.field = QLineEdit()
        self.field.setPlaceholderText(_("Type an action, a net, a run, a claim or a lesson"))
        self.field.setAccessibleName(_("what to do"))
        self.field.setToolTip(_("Type a few letters, choose with the arrow keys, and press Return."))
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(_("what fits"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.resize(min(640, window.width() - 80), min(460, window.height() - 80))
        self._filter("")

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                row = self.list.currentRow() + _MOVES[Qt.Key(event.key())]
                self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentItem() is not None:
                    self._run(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _filter(self, typed: str) -> None:
        self.list.clear()
        found = matching(self._entries, typed)
        for entry in found[:_SHOWN]:
            hint = f"   ({entry.hint})" if entry.hint else ""
            item = QListWidgetItem(f"{entry.kind}:  {entry.text}{hint}")
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        if not found:
            item = QListWidgetItem(_("Nothing fits “{text}”.").format(text=typed[:40]))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0 if found else -1)

    @Slot(object)
    def _run(self, item: QListWidgetItem) -> None:
        entry = item.data(Qt.ItemDataRole.UserRole)
        if isinstance(entry, PaletteEntry):
            self.accept()
            entry.run()


def _actions(window: WindowFrame) -> list[PaletteEntry]:
    actions = window.actions_
    return [
        PaletteEntry(_("Action"), info.title.rstrip("…"), actions[info.name].trigger, shortcut_text(info))
        for info in actions.infos
        if actions[info.name].isEnabled() and info.name != "palette"
    ]


def _lessons(window: WindowFrame) -> list[PaletteEntry]:
    from resviz.experiments.lessons import lessons

    def show(name: str) -> None:
        window.open("train")
        window.open_train().choose_lesson(name)

    return [PaletteEntry(_("Lesson"), _(lesson.title), partial(show, lesson.name)) for lesson in lessons()]


def _nets(window: WindowFrame) -> list[PaletteEntry]:
    from resviz.gui.builder.family_menu import addable

    def add(name: str) -> None:
        window.open("build")
        window.build.spec_files.add_net(name)

    return [PaletteEntry(_("Net"), label, partial(add, name)) for name, label in addable().items()]


def _runs(window: WindowFrame) -> list[PaletteEntry]:
    compare = window.open_compare()
    compare.refresh()

    def show(key: str) -> None:
        window.open("compare")
        compare.show_only([key])

    return [PaletteEntry(_("Run"), _run_name(run), partial(show, key)) for key, run in compare.runs.items()]


def _run_name(run: RunSummary) -> str:
    """Return what tells a run from others of the same net."""
    texts = (run.label, *(require_column(name).text(run) for name in ("data", "norm", "init", "error", "begun")))
    return ", ".join([*filter(None, texts), run.info.id])


def _claims(window: WindowFrame) -> list[PaletteEntry]:
    """The claims, once they were recomputed; before that the page that shows them."""

    def show(words: str) -> None:
        window.open("claims")
        window.open_claims().words.setText(words)

    return [
        PaletteEntry(_("Claim"), f"{claim['what']}: {claim['printed']}", partial(show, claim["what"]))
        for claim in window.known_claims()
    ]
