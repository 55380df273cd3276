"""Opens, saves and adds nets: spec files, recent files, and the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.gui.builder.family_menu import BLANK, addable
from resviz.gui.files import dialogs
from resviz.gui.files.recent_files import recent_files, remember
from resviz.nets import catalogue
from resviz.nets.spec_files import read_spec

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from resviz.gui.builder.build_actions import BuildActions
    from resviz.gui.builder.builder_state import BuilderState

_GROUPS = {"ResNet": "resnet", "plain": "plain", "VGG": "vgg", "CIFAR": "cifar", "torchvision": "torchvision"}


class SpecFileController(QObject):
    """Connects BUILD's state with spec files and the menu of nets to add."""

    def __init__(self, state: BuilderState, menu: QMenu, actions: BuildActions, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._menu, self._actions = state, menu, actions
        actions["open"].triggered.connect(self.open)
        actions["save"].triggered.connect(self.save)
        menu.aboutToShow.connect(self._fill_menu)
        menu.triggered.connect(self._add)

    @Slot()
    def open(self) -> None:
        """Ask for spec files, and open them."""
        self.open_files([str(path) for path in dialogs.ask_which(self._menu, _("Open spec"), "toml", "spec")])

    @Slot(list)
    def open_files(self, paths: list[str]) -> None:
        """Add the net of each file; report a file that is no spec, and open the others."""
        for path in map(Path, paths):
            try:
                self._state.add(read_spec(path))
            except NetError as error:
                self._state.message(str(error))
            else:
                remember(path)
                self._state.message(_("opened {file}").format(file=path))

    @Slot()
    def save(self) -> None:
        """Save the selected net's spec, after asking where."""
        spec = self._state.open_net.spec
        name = f"{dialogs.file_name(spec.label)}.toml"
        path = dialogs.ask_where(self._menu, _("Save spec"), name, [("toml", "Spec")])
        if path is not None and dialogs.write_and_report(path, spec.to_toml(), self._state.message.emit):
            remember(path)

    @Slot()
    def _fill_menu(self) -> None:
        menu = self._menu
        menu.clear()
        menu.addAction(_("Blank net")).setData("")
        names = addable()
        for title, prefix in _GROUPS.items():
            inner = menu.addMenu(title)
            for name in [name for name in names if name.startswith(prefix)]:
                inner.addAction(names.pop(name)).setData(name)
        inner = menu.addMenu(_("Others"))
        for name, label in names.items():
            inner.addAction(label).setData(name)
        menu.addSeparator()
        menu.addAction(self._actions["open"])
        recent = recent_files()
        if recent:
            inner = menu.addMenu(_("Recent files"))
            for path in recent:
                inner.addAction(path.name).setData(path)

    @Slot(QAction)
    def _add(self, action: QAction) -> None:
        wanted = action.data()
        if isinstance(wanted, Path):
            self.open_files([str(wanted)])
        elif isinstance(wanted, str):
            try:
                self._state.add(catalogue.find(wanted) if wanted else BLANK)
            except NetError as error:
                self._state.message(str(error))
