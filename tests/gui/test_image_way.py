"""LESSONS shows a held-out image's way through a saved net."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resviz.experiments.inspection import inspect_drawn, inspect_run
from resviz.experiments.session import Session
from resviz.experiments.trained_nets import load_trained
from resviz.experiments.training_plan import TrainingPlan
from resviz.gui.lessons.image_way_page import ImageWayPage
from resviz.gui.lessons.image_way_picture import grey, picture
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.training.inspection import inspect
from resviz.training.recipe import TrainConfig
from tests.gui.test_ablation_page import train
from tests.helpers.lesson_pages import open_illustration


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> ImageWayPage:
    train(tmp_path / "runs")
    found = open_illustration(window, "image", ImageWayPage)
    found.measure.click()
    qtbot.waitUntil(lambda: found.run is not None, timeout=60_000)
    return found


def test_the_mistakes_come_first_and_an_image_is_chosen_below(page: ImageWayPage) -> None:
    run = page.run
    assert run is not None
    assert page.choices[0].currentText().startswith("ResNet-20")
    assert page.images.count() == len(run.mistakes) + len(run.others)
    first, shown = run.mistakes[0], page.way.shown
    assert shown is first
    assert page.images.item(0).text() == f"{first.label}, not {first.answer}"
    page.images.setCurrentRow(len(run.mistakes))
    assert page.way.shown is run.others[0]
    assert page.images.currentItem().text() == str(run.others[0].label)
    wrong = int(run.confusion.sum() - run.confusion.trace())
    assert f"{wrong} of {run.confusion.sum()} held-out images" in page.result.text()


def test_the_mouse_reads_maps_probabilities_and_the_matrix(page: ImageWayPage) -> None:
    for plot in (page.way, page.confusion):
        plot.grab()
        places = [QPointF(x, y) for x in range(0, plot.width(), 9) for y in range(0, plot.height(), 9)]
        said = {plot.reading(place) for place in places} - {""}
        assert len(said) > 10
        assert len(plot.numbers()) == 11
    assert any("images of class 3 are answered with 3" in text for text in said)


@pytest.mark.parametrize("ending", ["svg", "png", "csv"])
def test_both_pictures_can_be_saved(page: ImageWayPage, ending: str) -> None:
    assert len(page.way.content(ending)) > 100
    assert len(page.confusion.content(ending)) > 100


def test_a_map_is_drawn_from_its_least_value_to_its_largest() -> None:
    image = grey(np.array([[-2.0, 0.0], [1.0, 2.0]], np.float32))
    assert [QColor(image.pixel(x, y)).red() for y in range(2) for x in range(2)] == [0, 127, 191, 255]
    assert QColor(grey(np.full((3, 5), 7.0)).pixel(4, 2)).red() == 0, "a map of one value is no division by 0"
    colour = picture(np.stack([np.ones((2, 3)), np.zeros((2, 3)), np.full((2, 3), 0.5)]))
    assert QColor(colour.pixel(2, 1)).name() == "#ff007f"


def test_a_thousand_classes_are_drawn_inside_the_picture(page: ImageWayPage) -> None:
    counts = np.zeros((1000, 1000), np.int64)
    counts[3, 5] = 7
    page.confusion.set_counts(counts)
    image = page.confusion._image()
    assert (image.width(), image.height()) == (1000, 1000)
    assert image.pixelColor(5, 3) != image.pixelColor(6, 3)
    left, top, side = page.confusion._grid()
    assert left + 1000 * side <= page.confusion.width()
    assert top + 1000 * side <= page.confusion.height()
    page.confusion.grab()


def test_a_digit_is_drawn_with_the_mouse_and_the_net_answers(qtbot: QtBot, page: ImageWayPage) -> None:
    pad = page.pad
    assert pad.isVisible()
    assert pad.pixels.max() == 0
    before = page.way.shown
    side = min(pad.width(), pad.height())
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, side // 5))
    QTest.mouseMove(pad, QPoint(side // 2, side // 2))
    QTest.mouseMove(pad, QPoint(side // 2, 4 * side // 5))
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, 4 * side // 5))
    qtbot.waitUntil(lambda: page.way.shown is not before, timeout=60_000)
    shown = page.way.shown
    assert shown is not None
    assert shown.is_drawing
    assert shown.image.max() == pytest.approx(1.0, abs=0.2)
    assert shown.image[0, :, 0].max() == 0, "the stroke is in the middle"
    assert shown.image[0].argmax(1)[8] in (7, 8)
    assert shown.probabilities.sum() == pytest.approx(1.0)
    page.way.grab()
    page.clear.click()
    assert pad.is_empty
    assert pad.pixels.max() == 0
    page.images.setCurrentRow(1)
    assert page.way.shown is not None
    assert not page.way.shown.is_drawing


def test_a_click_on_an_empty_pad_with_another_button_draws_nothing(page: ImageWayPage) -> None:
    QTest.mouseClick(page.pad, Qt.MouseButton.RightButton)
    assert page.pad.is_empty


def test_a_held_out_image_that_is_drawn_gets_the_answer_that_it_has(tmp_path: Path) -> None:
    train(tmp_path)
    run = next(RunFolder(path) for path in tmp_path.iterdir() if (path / "run.json").exists())
    trainer = load_trained(run)
    image = inspect(trainer, 4)
    drawn = inspect_drawn(run.folder, image.image[0])
    assert drawn.probabilities == pytest.approx(image.probabilities, rel=1e-3)
    assert drawn.label == -1


def test_a_net_that_answers_at_each_pixel_shows_its_answers_in_place(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    stages = ["[3x3,8; 3x3,8] x1", "[3x3,16; 3x3,16] x1"]
    spec = catalogue.find("cifar-resnet20").with_options(stem="3x3,8", stages=stages, head="FCN-2s")
    config = TrainConfig(data="digits16", batch=64, steps=40, evaluate_every=0, learning_rate=0.05)
    with Session(TrainingPlan([spec], config, tmp_path / "runs")) as session:
        for _ in session.steps():
            pass
        session.close()
        folder = session.recording.writers[0].folder
    trainer = load_trained(RunFolder(folder))
    image = inspect(trainer, 3)
    assert image.pixels is not None
    trainer.module.eval()
    scores = trainer.module(trainer.prepared(trainer.data.held_out_images[3:4]))
    scores = scores[0] if isinstance(scores, tuple) else scores
    assert np.array_equal(image.pixels.answers, scores[0].argmax(0).numpy())
    assert np.array_equal(image.pixels.labels, trainer.data.held_out_labels[3].numpy())
    assert image.label == int(trainer.data.held_out_labels[3].max()) - 1
    assert image.probabilities.shape == (10,)
    assert image.probabilities.sum() == pytest.approx(1.0)
    found = inspect_run(folder, lambda _share: True)
    assert found.error == pytest.approx(trainer.evaluate()[1])
    assert found.confusion.sum() == trainer.data.held_out_labels.numel()
    assert found.others
    page = open_illustration(window, "image", ImageWayPage)
    page.measure.click()
    qtbot.waitUntil(lambda: page.run is not None, timeout=60_000)
    page.way.grab()
    assert "errs on" in page.result.text()
    assert "of the pixels" in page.result.text()
    assert any("green: right" in text for _area, text in page.way._places)
    assert page.way.shown is not None
    assert page.way.shown.pixels is not None


def drop(page: ImageWayPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, button, none)
    page.dragEnterEvent(enter)
    assert enter.isAccepted()
    page.dropEvent(QDropEvent(QPointF(5, 5), copy, data, button, none))


def test_a_picture_that_is_dropped_is_answered_and_a_bright_one_is_inverted(
    qtbot: QtBot, page: ImageWayPage, tmp_path: Path
) -> None:
    picture_file = QImage(100, 80, QImage.Format.Format_RGB32)
    picture_file.fill(QColor("white"))
    for x in range(45, 55):
        for y in range(80):
            picture_file.setPixelColor(x, y, QColor("black"))
    path = tmp_path / "one.png"
    assert picture_file.save(str(path))
    before = page.way.shown
    drop(page, path)
    qtbot.waitUntil(lambda: page.way.shown is not before, timeout=60_000)
    shown = page.way.shown
    assert shown is not None
    assert shown.is_drawing
    assert shown.image[0, 8, 8] > 0.5 > shown.image[0, 8, 0]


def test_a_file_that_is_no_picture_is_said(page: ImageWayPage, tmp_path: Path) -> None:
    path = tmp_path / "evil.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n")
    before = page.way.shown
    drop(page, path)
    assert "is not a picture" in page.result.text()
    assert page.way.shown is before
