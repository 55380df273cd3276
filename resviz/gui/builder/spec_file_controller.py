"""Opens, saves and adds nets: spec files, recent files, and the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.gui.actions.action_table import BUILD
from resviz.gui.builder.family_menu import BLANK, addable
from resviz.gui.files import dialogs
from resviz.gui.files.recent_files import recent_files, remember
from resviz.nets import catalogue
from resviz.nets.spec_files import read_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QMenu

    from resviz.gui.actions.actions import Actions
    from resviz.gui.builder.builder_state import BuilderState

_GROUPS = {"ResNet": "resnet", "plain": "plain", "VGG": "vgg", "CIFAR": "cifar", "torchvision": "torchvision"}


class SpecFileController(QObject):
    """Connects BUILD's state with spec files and the menu of nets to add."""

    def __init__(self, state: BuilderState, menu: QMenu, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._menu, self._actions = state, menu, actions
        actions.on("new", self.add_blank, BUILD)
        actions.on("save", self.save, BUILD)
        menu.aboutToShow.connect(self._fill_menu)
        menu.triggered.connect(self._add)

    def add_blank(self) -> None:
        """Add a net with nothing but its head."""
        self.add_net("")

    def add_net(self, name: str) -> None:
        """Add a net of the catalogue, or a blank one for ""."""
        try:
            self._state.add(catalogue.find(name) if name else BLANK)
        except NetError as error:
            self._state.message(str(error))

    def open_files(self, paths: Sequence[Path]) -> None:
        """Add the net of each file; report a file that is no spec, and open the others."""
        for path in paths:
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
            self._state.saved.add(spec)

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
            self.open_files([wanted])
        elif isinstance(wanted, str):
            self.add_net(wanted)
