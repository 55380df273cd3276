"""Draws each workspace in a real state, offscreen: `python -m tests.screenshots OUT [--theme light|dark]`.

BUILD with a layer chosen, with a cell that is no net, as figure 3, with GoogLeNet, and with what things cost; claims
and lessons; TRAIN before, with lessons trained for some steps, its recipe, and rewound with heat map and coloured
graph; COMPARE as it opens, with samples overlaid, and in groups with tables. The README's pictures come from here.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from resviz.capturing.model_source import ModelSource
from resviz.capturing.process import capture
from resviz.experiments.lessons import find_lesson
from resviz.gui.app import make_application
from resviz.gui.builder.table_rows import StageRow, TotalRow
from resviz.gui.lessons.batch_norm_page import BatchNormSums
from resviz.gui.lessons.deep_chain_page import DeepChainPage
from resviz.gui.lessons.gradient_chain_page import GradientChain
from resviz.gui.lessons.initial_weights_page import InitialWeightsPage
from resviz.gui.lessons.lessons_view import KINDS
from resviz.gui.lessons.saved_run_page import SavedRunPage
from resviz.gui.main_window import MainWindow
from resviz.gui.models.differences_window import DifferencesWindow
from resviz.gui.models.model_window import ModelWindow
from resviz.gui.style import theme
from resviz.gui.train.training_setup import FIRST_LESSON

PATIENCE = 300


def draw(out: Path, colours: theme.Theme, size: tuple[int, int], steps: int) -> list[Path]:
    """Saves the pictures into a folder and returns their paths."""
    out.mkdir(parents=True, exist_ok=True)
    application = make_application()
    theme.apply(colours)
    saved: list[Path] = []
    with tempfile.TemporaryDirectory() as runs:
        window = MainWindow(Path(runs))
        window.confirm = lambda title, text: True  # nobody is there to answer
        window.resize(*size)
        window.show()

        def save(name: str, widget: QWidget = window) -> None:
            window._device.clear()  # it names a folder of this moment
            for _turn in range(3):
                application.processEvents()
            path = out / f"{name}-{colours.name}.png"
            if not widget.grab().save(str(path)):
                raise OSError(f"{path} could not be written")
            saved.append(path)

        window.build.state.select_layer("layer2.1.conv2")
        save("build")
        window.build.state.edit_cell(1, StageRow(1), "[3×3, 128; 3×] ×4")
        save("build-draft")
        window.build.state.reset()
        window.build.state.show_family("vgg")
        save("build-vgg")
        window.build.state.show_family("figure3")
        save("build-figure3")
        window.build.state.show_family("inception")
        window.build.state.select_layer("inception4a.branch2.1.conv", 1)
        save("build-googlenet")
        _draw_costs(window, save)
        _draw_windows(application, window, save)
        _draw_models(save)
        window.open("train")
        save("train-before")
        train = window.open_train()
        _train(application, window, "regime-batch-he", steps)
        save("train-batch")
        _train(application, window, "saturation", steps)
        save("train-saturation")
        _train(application, window, "options", max(3, steps // 4))
        save("train-options")
        train.view.recipe.click()
        save("train-recipe")
        train.view.recipe.click()
        _train(application, window, "plain20-resnet20", steps)
        save("train")
        train.display.choose_view("second", "heat")
        train.display.choose_view("third", "graph")
        train.display.move_cursor(steps // 3)
        _wait(application, lambda: not train.display.waiting)
        save("train-rewound")
        _draw_compare(application, window, save)
        window.close()
    return saved


def _draw_compare(application: QApplication, window: MainWindow, save: Callable[..., None]) -> None:
    """The samples of 20 and 56 layers overlaid; all samples in groups, with heat maps and the final table."""
    window.open("compare")
    compare, browser = window.open_compare(), window.open_compare().view.browser

    def settle() -> None:
        _wait(application, lambda: not compare.busy)

    settle()
    save("compare-first")
    compare.show_only([key for key, run in compare.runs.items() if run.notes.tags == ("depth",)])
    compare.display.choose_view("second", "final")
    settle()
    save("compare")
    browser.group.setCurrentIndex(browser.group.findData("tags"))
    browser.group.activated.emit(browser.group.currentIndex())
    for place, view in (("main", "heat"), ("second", "table")):
        compare.display.choose_view(place, view)
    settle()
    save("compare-table")


def _draw_costs(window: MainWindow, save: Callable[..., None]) -> None:
    """What option B costs ResNet-34, part by part; and where ResNet-50's parameters are, its layers in groups."""
    build, view = window.build, window.build.view
    build.state.show_family("resnet")
    view.show_tab("differences")
    others = [view.differences.others.itemText(index) for index in range(view.differences.others.count())]
    view.differences.others.activated.emit(others.index("option B"))
    view.differences.bars.chosen.emit("conv4_x")
    save("build-differences")
    view.show_tab("layers")
    build.state.select_layer("layer3.0.conv2", 2)
    view.graph_panel.colour_chosen.emit("parameters")
    view.graph_panel.fold_chosen.emit("block")
    view.layer_panel.groups.chosen.emit("stage")
    view.layer_panel.toggle_group("conv4_x")
    view.table.number_chosen.emit(2, TotalRow.FLOPS)
    save("build-costs")
    view.show_tab("memory")
    save("build-memory")
    view.show_tab("layers")


def _draw_windows(application: QApplication, window: MainWindow, save: Callable[..., None]) -> None:
    """Claims and lessons, when what they ask of other processes is there."""
    window.open("claims")
    claims = window.open_claims()
    _wait(application, lambda: bool(claims.shown()))
    claims.table.selectRow(4)
    save("claims-figures")
    claims.pages.button("scatter").click()
    save("claims")
    for name in ("history", "vgg"):
        claims.pages.button(name).click()
        save(f"claims-{name}")
    window.open("lessons")
    lessons = window.open_lessons()
    lessons.story.show_lesson(find_lesson(FIRST_LESSON))
    _wait(application, lambda: bool(window.open_train().histories))
    lessons.story.answer(0)
    save("story")
    for key in KINDS:
        lessons.show_page(key)
        page = lessons.pages[key]
        if isinstance(page, GradientChain | BatchNormSums):
            _wait(application, lambda page=page: page.measured)  # type: ignore[misc]
        elif isinstance(page, DeepChainPage):
            _wait(application, lambda page=page: "computing" not in page.result.text())  # type: ignore[misc]
        elif isinstance(page, InitialWeightsPage):
            _wait(application, lambda page=page: "measuring" not in page.result.text())  # type: ignore[misc]
        elif isinstance(page, SavedRunPage):
            page.start()
            _wait(application, lambda page=page: not page.stop.isEnabled())  # type: ignore[misc]
        save(f"lesson-{key}")


def _draw_models(save: Callable[..., None]) -> None:
    """A model of torchvision as its modules, and two models side by side."""
    nets = {name: capture(ModelSource("torchvision", name)) for name in ("swin_t", "resnet50", "resnet101")}
    model = ModelWindow(nets["swin_t"])
    model.show()
    model.picture.view.set_opened({"features", "features.1", "features.2"})
    model._select("features.2.reduction")
    row = next(row for row in model.panel._rows() if row.name == "features.2.reduction")
    model._explain(row, "flops")
    save("model", model)
    model.close()
    compared = DifferencesWindow((nets["resnet50"].graph, nets["resnet101"].graph), ("ResNet-50", "ResNet-101"))
    compared.show()
    save("models-compared", compared)
    compared.close()


def _train(application: QApplication, window: MainWindow, lesson: str, steps: int) -> None:
    train = window.open_train()
    train.choose_lesson(lesson)
    train.editor.apply(train.setup.with_setting("steps", str(steps)))
    train.start()
    _wait(application, lambda: train.state == "idle" and bool(train.histories) and not train.runner.is_alive())


def _wait(application: QApplication, done: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > limit:
            raise TimeoutError("the duel did not end")
        application.processEvents()
        time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--size", default="1280x720", help="WIDTHxHEIGHT")
    parser.add_argument("--steps", type=int, default=60)
    given = parser.parse_args()
    width, height = (int(side) for side in given.size.split("x"))
    colours = theme.DARK if given.theme == "dark" else theme.LIGHT
    for path in draw(given.out, colours, (width, height), given.steps):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
