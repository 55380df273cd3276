"""Changes what TRAIN is set to: by chips, the recipe page and lessons, with every step back. Trains nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.gui.actions.step_stack import StepStack
from resviz.nets.spec_files import read_spec
from resviz.training.recipe import TrainConfig
from resviz.training.recipe_presets import find_preset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.gui.train.train_view import TrainView
    from resviz.gui.train.training_setup import TrainingSetup
    from resviz.gui.train.training_state import TrainingState
    from resviz.nets.spec import NetSpec


class SetupEditor(QObject):
    """Edits the setup of a TrainingState. `changed` tells of it; `restart_wanted` comes after a click on a chip."""

    changed = Signal()
    restart_wanted = Signal()

    def __init__(self, view: TrainView, training_state: TrainingState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._state = view, training_state
        self.steps: StepStack[TrainingSetup] = StepStack()
        """Setups before the present one, and those that were taken back."""
        self._open_nets: dict[str, NetSpec] = {}
        page = view.recipe_page
        view.chip_clicked.connect(self.click_chip)
        view.steps_changed.connect(self._change_steps)
        view.device_chosen.connect(self._change_device)
        view.steps.refused.connect(self._refuse_steps)
        page.changed.connect(self.change)
        page.reset.connect(self._reset)
        page.preset_chosen.connect(self._use_preset)
        page.net_chosen.connect(self._type_net)
        page.net_removed.connect(self._remove_net)
        page.shortcut_chosen.connect(self._choose_shortcut)

    @property
    def setup(self) -> TrainingSetup:
        """Settings of the next run."""
        return self._state.setup

    def set_open_nets(self, nets: Mapping[str, NetSpec]) -> None:
        """Offer the nets that are open in BUILD, by their names."""
        self._open_nets = dict(nets)
        self._view.recipe_page.set_open_nets(list(nets))

    def apply(self, setup: TrainingSetup) -> bool:
        """Make another setup the next one. Return whether it is another."""
        self._view.set_problem("")
        if setup == self.setup:
            self.changed.emit()
            return False
        self.steps.push(self.setup)
        self._state.setup = setup
        self.changed.emit()
        return True

    def forget_steps(self) -> None:
        """Forget what can be taken back."""
        self.steps.clear()
        self.changed.emit()

    def undo(self) -> None:
        """Take back the last change of the settings."""
        self._show(self.steps.back(self.setup))

    def redo(self) -> None:
        """Repeat the change that was taken back last."""
        self._show(self.steps.forth(self.setup))

    @Slot(str, str)
    def click_chip(self, field: str, value: str) -> None:
        """Change a setting by a click on a chip, which also asks to train again."""
        if self.change(field, value):
            self.restart_wanted.emit()

    @Slot(str, str)
    def change(self, field: str, value: str) -> bool:
        """Change a setting. Return whether it is another one now; say at the field what is wrong with it if not."""
        page = self._view.recipe_page
        try:
            changed = self.setup.with_setting(field, value)
        except ResvizError as error:
            if self._view.recipe.isChecked() and field in page.editors:
                page.set_problem(field, str(error))
            else:
                self._refuse(error)
            return False
        if field in page.editors:
            page.set_problem(field, "")
        return self.apply(changed)

    @Slot(int)
    def _change_steps(self, steps: int) -> None:
        self.change("steps", str(steps))

    @Slot(str)
    def load_weights(self, name: str) -> None:
        """Begin the next training with kept weights of this name."""
        self.change("weights", name)

    @Slot(str)
    def _change_device(self, device: str) -> None:
        self.change("device", device)

    @Slot(str)
    def _refuse_steps(self, text: str) -> None:
        box = self._view.steps
        self._view.set_problem(
            _("{text} steps are not possible. Use a whole number from {least} to {most}.").format(
                text=text[:40], least=box.minimum(), most=box.maximum()
            )
        )

    @Slot(str)
    def _reset(self, field: str) -> None:
        default = TrainConfig.model_fields[field].default
        self.change(field, ", ".join(map(str, default)) if isinstance(default, tuple) else str(default))

    @Slot(str)
    def _use_preset(self, name: str) -> None:
        """Take on a paper's recipe."""
        try:
            self.apply(replace(self.setup, config=find_preset(name).apply(self.setup.config)))
        except ResvizError as error:
            self._refuse(error)

    @Slot(int, str)
    def _type_net(self, index: int, name: str) -> None:
        """Take a net that is open in BUILD, one of the catalogue, or a spec file."""
        try:
            if name in self._open_nets:
                self.apply(self.setup.with_spec(index, self._open_nets[name]))
            elif Path(name).suffix == ".toml":
                self.apply(self.setup.with_spec(index, read_spec(Path(name).expanduser())))
            else:
                self.apply(self.setup.with_net(index, name))
        except ResvizError as error:
            self._refuse(error)

    @Slot(int)
    def _remove_net(self, index: int) -> None:
        self.apply(self.setup.without_net(index))

    @Slot(int, str)
    def _choose_shortcut(self, index: int, shortcut: str) -> None:
        self.apply(self.setup.with_shortcut(index, shortcut))

    def _refuse(self, error: ResvizError) -> None:
        self.changed.emit()
        self._view.set_problem(str(error))

    def _show(self, setup: TrainingSetup | None) -> None:
        if setup is not None:
            self._state.setup = setup
            self._view.set_problem("")
            self.changed.emit()
