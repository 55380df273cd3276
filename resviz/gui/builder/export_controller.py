"""Into the program and out of it: specs, tables, pictures, PyTorch and ONNX files; and the cross-check beside it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from resviz.analysis.counts import exact
from resviz.analysis.text_tables import FORMATS
from resviz.base.atomic_files import part_of
from resviz.base.errors import NetError
from resviz.gui.builder.family_menu import BLANK, addable
from resviz.gui.files import dialogs
from resviz.gui.files.painting import ENDINGS
from resviz.gui.files.recent_files import recent_files, remember
from resviz.gui.graph.graph_file import save_picture
from resviz.gui.workers.command_process import CommandProcess
from resviz.nets import catalogue
from resviz.nets.op import format_shape
from resviz.nets.spec import NetSpec
from resviz.nets.spec_files import read_spec

if TYPE_CHECKING:
    from resviz.gui.builder.build_controller import BuildController

_NETS = (("pytorch", "PyTorch file…", "py"), ("onnx", "ONNX…", "onnx"))


class ExportController(QObject):
    def __init__(self, build: BuildController) -> None:
        super().__init__(build)
        self._build = build
        self._folder = tempfile.TemporaryDirectory(prefix="resviz-")
        self._checking, self._writing = CommandProcess(self), CommandProcess(self)
        self._checked: NetSpec | None = None
        self._target = Path()
        view = build.view
        view.actions_["open"].triggered.connect(self.open)
        view.actions_["save"].triggered.connect(self.save)
        view.actions_["picture"].triggered.connect(self.save_picture)
        view.files_dropped.connect(self.open_files)
        view.layer_panel.copy_wanted.connect(self.copy_table)
        view.layer_panel.export_wanted.connect(self.export_table)
        view.explain.copy_wanted.connect(self.copy_text)
        view.crosscheck.wanted.connect(self.check)
        view.crosscheck.cancelled.connect(self._cancel_check)
        view.add_menu.aboutToShow.connect(self._fill_add_menu)
        view.add_menu.triggered.connect(self._add)
        view.export_menu.triggered.connect(self._export)
        for key, title, _ in _NETS:
            view.export_menu.addAction(title).setData(key)
        view.export_menu.addSeparator()
        view.export_menu.addAction("Spec (TOML)…").setData("spec")
        view.export_menu.addAction("Picture: SVG, PNG, PDF…\tCtrl+P").setData("picture")
        for ending, (title, _) in FORMATS.items():
            view.export_menu.addAction(f"Layer table: {title}…").setData(ending)
        self._checking.progressed.connect(self._check_progressed)
        self._checking.done.connect(self._check_done)
        self._checking.failed.connect(self._check_failed)
        self._writing.done.connect(self._written)
        self._writing.failed.connect(self._not_written)

    def show(self) -> None:
        """A cross-check is of the net that it was made for: of another one it says nothing."""
        if self._checked is not None and self._checked != self._build.column.spec:
            self._checking.cancel()
            self._checked = None
            self._build.view.crosscheck.set_running(False)
            self._build.view.crosscheck.set_checks("", (), (0, 0))

    def shut_down(self) -> None:
        self._checking.cancel()
        if self._writing.running:
            self._writing.cancel()
            part_of(self._target).unlink(missing_ok=True)
        self._folder.cleanup()

    # Specs

    @Slot()
    def open(self) -> None:
        self.open_files([str(path) for path in dialogs.ask_which(self._build.view, "Open a spec", "toml", "spec")])

    @Slot(list)
    def open_files(self, paths: list[str]) -> None:
        """Each file's net becomes a column; what is no spec is said, and the others are opened."""
        for path in map(Path, paths):
            try:
                self._build.add(read_spec(path))
            except NetError as error:
                self._build.status_message.emit(str(error))
            else:
                remember(path)
                self._build.status_message.emit(f"opened {path}")

    @Slot()
    def save(self) -> None:
        spec = self._build.column.spec
        path = dialogs.ask_where(
            self._build.view, "Save the spec", f"{dialogs.file_name(spec.label)}.toml", [("toml", "Spec")]
        )
        if path is not None and self._wrote(path, spec.to_toml()):
            remember(path)

    @Slot()
    def _fill_add_menu(self) -> None:
        menu = self._build.view.add_menu
        menu.clear()
        menu.addAction("Blank net").setData("")
        groups = {"ResNet": "resnet", "plain": "plain", "VGG": "vgg", "CIFAR": "cifar", "torchvision": "torchvision"}
        names = addable()
        for title, prefix in groups.items():
            inner = menu.addMenu(title)
            for name in [name for name in names if name.startswith(prefix)]:
                inner.addAction(names.pop(name)).setData(name)
        inner = menu.addMenu("Others")
        for name, label in names.items():
            inner.addAction(label).setData(name)
        menu.addSeparator()
        menu.addAction(self._build.view.actions_["open"])
        recent = recent_files()
        if recent:
            inner = menu.addMenu("Recent files")
            for path in recent:
                inner.addAction(path.name).setData(path)

    @Slot(QAction)
    def _add(self, action: QAction) -> None:
        wanted = action.data()
        if isinstance(wanted, Path):
            self.open_files([str(wanted)])
        elif isinstance(wanted, str):
            try:
                self._build.add(catalogue.find(wanted) if wanted else BLANK)
            except NetError as error:
                self._build.status_message.emit(str(error))

    # Tables and pictures

    @Slot()
    def copy_table(self) -> None:
        table = self._build.view.layer_panel.shown()
        QApplication.clipboard().setText(table.to_tsv())
        self._build.status_message.emit(f"copied {len(table.rows)} rows, tab-separated")

    @Slot(str)
    def copy_text(self, text: str) -> None:
        """The sum behind a number."""
        QApplication.clipboard().setText(text)
        self._build.status_message.emit("copied the sum")

    @Slot(str)
    def export_table(self, ending: str) -> None:
        title, write = FORMATS[ending]
        table = self._build.view.layer_panel.shown()
        name = f"{dialogs.file_name(self._build.column.spec.label)}-layers.{ending}"
        path = dialogs.ask_where(self._build.view, f"The layers as {title}", name, [(ending, title)])
        if path is not None:
            self._wrote(path, write(table))

    @Slot()
    def save_picture(self) -> None:
        build = self._build
        labels = [build.columns[index].spec.label for index in build.document.drawn]
        name = f"{dialogs.file_name('-'.join(labels))}.svg"
        path = dialogs.ask_where(build.view, "Save the picture", name, ENDINGS)
        if path is None:
            return
        graph = build.view.graph
        graph.set_selection(0, None, None)  # what is chosen on screen is not meant for paper
        try:
            save_picture(path, graph.scene(), build.drawing.legend, ", ".join(labels), self._note())
        except dialogs.FileProblem as problem:
            build.status_message.emit(str(problem))
        else:
            build.status_message.emit(f"wrote {path}")
        build.drawing.show()

    def _note(self) -> str:
        """What a picture says below it: of each net its options and its costs, and how they are counted."""
        convention = self._build.convention
        lines = []
        for index in self._build.document.drawn:
            spec, counts = self._build.columns[index].spec, self._build.columns[index].counts
            option = f", option {spec.shortcut}" if spec.has_shortcuts else ""
            costs = f"{exact(counts.parameters)} parameters, {exact(counts.flops * convention.factor)} FLOPs"
            lines.append(f"{spec.label}{option}, input {format_shape(spec.input)}: {costs}")
        return "\n".join([*lines, convention.text])

    def _wrote(self, path: Path, text: str) -> bool:
        try:
            dialogs.write(path, text.encode())
        except dialogs.FileProblem as problem:
            self._build.status_message.emit(str(problem))
            return False
        self._build.status_message.emit(f"wrote {path}")
        return True

    # What needs torch, in a process of its own

    @Slot(QAction)
    def _export(self, action: QAction) -> None:
        wanted = action.data()
        if wanted == "spec":
            self.save()
        elif wanted == "picture":
            self.save_picture()
        elif wanted in FORMATS:
            self.export_table(wanted)
        else:
            self.export_net(wanted)

    def export_net(self, form: str) -> None:
        """The chosen net as a file of another program."""
        title, ending = next((title.rstrip("…"), ending) for key, title, ending in _NETS if key == form)
        label = self._build.column.spec.label
        name = f"{dialogs.file_name(label).replace('-', '_')}.{ending}"
        path = dialogs.ask_where(self._build.view, f"{label} as {title}", name, [(ending, title)])
        if path is None:
            return
        if self._writing.running:
            self._build.status_message.emit(f"{self._target} is still being written; {path.name} can follow then")
            return
        self._target = path
        self._build.status_message.emit(f"writing {path} …")
        self._writing.start("export", str(self._spec_file("export")), "--to", form, "--out", str(path))

    @Slot(str)
    def _written(self, text: str) -> None:
        self._build.status_message.emit(f"wrote {self._target}")

    @Slot(str)
    def _not_written(self, why: str) -> None:
        self._build.status_message.emit(f"{self._target} was not written: {why}")

    @Slot()
    def check(self) -> None:
        """Counts the chosen net again with other people's counters."""
        self._checked = self._build.column.spec
        self._build.view.crosscheck.set_running(True, "loading torch …")
        self._checking.start("show", str(self._spec_file("check")), "--cross-check", "--json")

    @Slot()
    def _cancel_check(self) -> None:
        self._checking.cancel()
        self._checked = None
        self._build.view.crosscheck.set_running(False, "cancelled")

    @Slot(str)
    def _check_progressed(self, line: str) -> None:
        self._build.view.crosscheck.set_running(True, line)

    @Slot(str)
    def _check_done(self, text: str) -> None:
        panel, column = self._build.view.crosscheck, self._build.column
        panel.set_running(False)
        checks = json.loads(text)["cross_check"]
        panel.set_checks(column.spec.label, checks, (column.counts.parameters, column.counts.flops))

    @Slot(str)
    def _check_failed(self, why: str) -> None:
        self._build.view.crosscheck.set_running(False)
        self._build.view.crosscheck.set_checks("", (), (0, 0), why)

    def _spec_file(self, name: str) -> Path:
        path = Path(self._folder.name) / f"{name}.toml"
        path.write_text(self._build.column.spec.to_toml(), encoding="utf-8")
        return path
