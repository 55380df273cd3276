"""The story: a page asks, the reader answers, the nets are trained, and the page says what was measured."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from resviz.experiments.lessons import all_lessons, find_lesson, story
from resviz.gui.lessons.lessons_view import KINDS
from resviz.gui.lessons.story_controls import SettingSlider
from resviz.gui.lessons.story_page import StoryPage
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.views import train_views
from resviz.gui.style.widgets import Chips
from resviz.gui.train.training_setup import TrainingSetup

FIRST = "plain20-resnet20"


@pytest.fixture
def page(window: MainWindow) -> StoryPage:
    window.open("lessons")
    window.show()
    return window.open_lessons().story


def show(page: StoryPage, name: str) -> StoryPage:
    page.show_lesson(find_lesson(name))
    return page


def chip(page: StoryPage, field: str, value: str) -> QPushButton:
    chips = page.text.controls[field]
    assert isinstance(chips, Chips)
    return chips.button(value)


def test_it_opens_with_the_first_page_and_hides_the_result(page: StoryPage) -> None:
    assert page.lesson == story()[0]
    assert not page.previous.isEnabled()
    assert page.text.answers
    assert not page.text.verdict.isVisible()
    assert not page.text.paper.isVisible()
    assert [page.chooser.itemData(at) for at in range(page.chooser.count())] == [lesson.name for lesson in story()]


def test_next_and_previous_walk_through_all_pages(page: StoryPage) -> None:
    seen = [page.lesson]
    while page.next.isEnabled():
        page.next.click()
        seen.append(page.lesson)
    assert seen == list(story())
    page.previous.click()
    assert page.lesson == story()[-2]


def test_an_answer_about_an_illustration_is_judged_by_its_number(page: StoryPage) -> None:
    show(page, "winners")
    page.text.answers[0].click()
    assert page.text.verdict.text() == "It is instead: more than 100"
    page.text.answers[2].click()
    assert page.text.verdict.text() == "Your answer is right: more than 100"
    assert page.text.answers[2].isChecked()
    assert not page.text.answers[0].isChecked()
    assert page.text.paper.isVisible()
    assert not page.text.run.isVisible(), "there is nothing to train"


def test_an_illustration_that_was_changed_gives_no_verdict_until_it_is_as_it_was(page: StoryPage) -> None:
    show(page, "product")
    page.text.answers[2].click()
    assert "less than a thousandth" in page.text.verdict.text()
    illustration = page._illustrations["depth"]
    illustration.layers.setValue(1)  # type: ignore[attr-defined]
    page.refresh()
    assert page.text.verdict.text() == "", "the question is about 20 layers"
    assert page.text.note.text() == "Changed. The question is about the settings at the start."
    page.text.back.click()
    assert illustration.layers.value() == 20  # type: ignore[attr-defined]
    assert page.text.verdict.text() == "It is instead: less than a thousandth"
    assert not page.text.note.isVisible()


def test_a_saved_run_is_shown_as_soon_as_the_question_is_answered(qtbot: QtBot, page: StoryPage) -> None:
    show(page, FIRST)
    qtbot.waitUntil(lambda: bool(page._open_train().histories), timeout=20_000)
    page.refresh()
    assert not page.text.measured.isVisible(), "first the answer"
    QTest.keyClick(page.text.answers[1], Qt.Key.Key_Space)
    assert "Measured instead: less than a ten-thousandth" in page.text.verdict.text()
    assert "A saved run of 120 steps" in page.text.progress.text()
    assert "times that at the last convolution in plain-20" in page.text.measured.text()
    assert "vanishes" in page.text.diagnosis.text()
    assert page.stages[0].isVisible()


def test_the_gradient_is_judged_only_beside_a_view_of_it(qtbot: QtBot, page: StoryPage) -> None:
    for name, shown in (("residual-depth", False), (FIRST, True)):
        show(page, name)
        page.answer(0)
        qtbot.waitUntil(lambda: bool(page._open_train().histories), timeout=20_000)
        page.refresh()
        assert bool(page.text.measured.text())
        assert page.text.diagnosis.isVisible() == shown, name


def test_run_trains_and_the_text_follows_what_was_changed(qtbot: QtBot, window: MainWindow, page: StoryPage) -> None:
    show(page, "regime-batch-he")
    train = window.open_train()
    train.editor.change("steps", "6")
    page.refresh()
    assert page.text.note.text().startswith("Changed from the lesson: steps 6.")
    page.text.run.click()
    assert train.state == "preparing"
    page.refresh()
    assert page.text.stop.isVisible()
    assert not page.text.run.isEnabled()
    qtbot.waitUntil(lambda: train.state == "idle" and train.training_state.ended == "finished", timeout=60_000)
    page.refresh()
    assert "6 of 6 steps" in page.text.progress.text()
    assert page.text.measured.text().count("the gradient at layer 1 is") == 1
    assert not page.text.verdict.isVisible(), "the question is about 60 steps"
    page.text.back.click()
    assert train.setup.config.steps == 60
    assert not page.text.note.isVisible()


def test_no_verdict_is_given_before_the_training_has_ended(qtbot: QtBot, window: MainWindow, page: StoryPage) -> None:
    show(page, "regime-batch-he")
    train = window.open_train()
    page.answer(0)
    page.run()
    qtbot.waitUntil(lambda: train.training_state.measured > 1, timeout=60_000)
    page.refresh()
    assert not page.text.verdict.isVisible()
    assert not page.text.measured.isVisible(), "what is never reached at step 2 may be at step 20"
    assert "The answer is known at the end." in page.text.progress.text()
    page.text.stop.click()
    qtbot.waitUntil(lambda: train.state == "idle", timeout=60_000)
    page.refresh()
    assert not page.text.verdict.isVisible()
    assert re.fullmatch(r"Stopped after \d+ of 60 steps: too early for an answer\.", page.text.note.text())
    page.text.back.click()
    qtbot.waitUntil(
        lambda: (page.text.note.text() == "" and not train.histories) or train.training_state.ended == "recorded"
    )


def test_back_to_the_lesson_stops_a_changed_training(qtbot: QtBot, window: MainWindow, page: StoryPage) -> None:
    show(page, FIRST)
    train = window.open_train()
    qtbot.waitUntil(lambda: bool(train.histories), timeout=20_000)
    page.answer(0)
    chip(page, "init", "he").click()
    qtbot.waitUntil(lambda: train.training_state.measured > 1, timeout=60_000)
    page.refresh()
    assert "Changed from the lesson: initial weights he" in page.text.note.text()
    assert page.text.claim.text() == "", "it is about the lesson's own weights"
    page.text.back.click()
    qtbot.waitUntil(lambda: train.training_state.ended == "recorded", timeout=60_000)
    page.refresh()
    assert train.setup.config.init == "torch"
    assert page.text.verdict.text().startswith("Your answer is right: ")


def test_a_training_of_another_page_is_said_to_be_one(qtbot: QtBot, window: MainWindow, page: StoryPage) -> None:
    show(page, "regime-batch-he")
    page.answer(0)
    page.run()
    train = window.open_train()
    qtbot.waitUntil(lambda: train.training_state.measured > 0, timeout=60_000)
    show(page, "highway-deep")
    page.refresh()
    assert page.text.progress.text().startswith("Another page is training, “Batch normalization and He's weights”: ")
    page.text.stop.click()
    qtbot.waitUntil(lambda: train.state == "idle", timeout=60_000)


def test_a_control_changes_a_setting_and_trains_again(qtbot: QtBot, window: MainWindow, page: StoryPage) -> None:
    show(page, "capacity")
    train = window.open_train()
    train.editor.change("steps", "5")
    chip(page, "augmentation", "crop").click()
    assert train.setup.config.augmentation == "crop"
    qtbot.waitUntil(lambda: train.state == "idle" and train.training_state.ended == "finished", timeout=60_000)
    page.refresh()
    assert page.text.controls["augmentation"].choice == "crop"
    assert "augmentation crop" in page.text.note.text()


def test_a_slider_sets_the_size_of_the_training_set_when_it_rests(
    qtbot: QtBot, window: MainWindow, page: StoryPage
) -> None:
    show(page, "capacity")
    train = window.open_train()
    train.editor.change("steps", "5")
    control = page.text.controls["training_images"]
    assert isinstance(control, SettingSlider)
    assert control.number.text() == "64"
    steps = control.slider.value()
    QTest.keyClick(control.slider, Qt.Key.Key_End)
    assert control.number.text() == "1500", "the number is seen while it is chosen"
    assert train.setup.config.training_images == 64, "nothing is trained while it is chosen"
    qtbot.waitUntil(lambda: train.setup.config.training_images == 1500)
    qtbot.waitUntil(lambda: train.state == "idle" and train.training_state.ended == "finished", timeout=60_000)
    page.refresh()
    assert "training images 1500" in page.text.note.text()
    page.text.back.click()
    page.refresh()
    assert control.slider.value() == steps
    assert control.number.text() == "64"


def test_a_slider_shows_what_was_set_elsewhere(window: MainWindow, page: StoryPage) -> None:
    show(page, "capacity")
    control = page.text.controls["training_images"]
    assert isinstance(control, SettingSlider)
    for given, shown in (("0", "1500"), ("700", "700"), ("8", "8")):
        window.open_train().editor.change("training_images", given)
        page.refresh()
        assert control.number.text() == shown


def test_a_view_that_an_own_lesson_misspells_is_said(own: Path, window: MainWindow) -> None:
    (own / "mine.toml").write_text('[views]\nmain = "losss"\n[[nets]]\nnet = "cifar-plain20"\n')
    (own / "mine.md").write_text("# Mine\n")
    all_lessons.cache_clear()
    window.open("lessons")
    window.show()
    assert window.open_lessons().story.problem.text().startswith("mine: losss is not a view.")


def test_the_guide_has_every_view_and_option() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    table = guide.partition("<!-- views -->\n")[2].partition("<!-- end -->")[0]
    rows = [line.strip("|").split(" | ") for line in table.strip().splitlines()[2:]]
    listed = {row[-2].strip(" `"): re.findall(r"`(\w+)`", row[-1]) for row in rows}
    assert listed == {
        view.name: [key for key, _text in view.options] if len(view.options) > 1 else [] for view in train_views()
    }


def test_a_page_keeps_what_a_reader_has_set_up_in_train(window: MainWindow, page: StoryPage) -> None:
    show(page, "options")
    page.text.train.click()
    assert window.page == "train"
    train = window.open_train()
    assert train.setup.lesson.name == "options"
    train.editor.change("seed", "4")
    window.open("lessons")
    page.refresh()
    assert train.setup.config.seed == 4
    assert page.text.note.text().startswith("Changed from the lesson: seed 4.")


def test_the_run_of_another_lesson_is_not_taken_for_this_one(qtbot: QtBot, page: StoryPage) -> None:
    train = page._open_train()
    show(page, "regime-batch-he")
    train.editor.change("steps", "3")
    page.run()
    qtbot.waitUntil(lambda: train.state == "idle" and train.training_state.ended == "finished", timeout=60_000)
    page.refresh()
    assert page.text.diagnosis.isVisible()
    train.editor.apply(TrainingSetup.from_lesson(find_lesson("options")))
    page.show_lesson(find_lesson("options"))
    page.answer(0)
    assert train.histories, "the other lesson's run is still on screen in TRAIN"
    assert not page.text.measured.isVisible()
    assert not page.text.verdict.isVisible()
    assert page.main_figure is None


def test_coming_back_to_lessons_leaves_what_train_shows(window: MainWindow, page: StoryPage) -> None:
    show(page, "options")
    train = window.open_train()
    window.open("train")
    train.choose_lesson("saturation")
    window.open("lessons")
    page.refresh()
    assert train.setup.lesson.name == "saturation"
    assert page.lesson == find_lesson("options")
    page.show_lesson(find_lesson("options"))
    assert train.setup.lesson.name == "options", "now the reader has asked for it"


def test_a_page_without_source_shows_no_empty_brackets(page: StoryPage) -> None:
    lesson = replace(find_lesson("winners"), source="")
    page.show_lesson(lesson)
    page.answer(1)
    assert "()" not in page.text.paper.text()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "lessons"
    folder.mkdir()
    yield folder
    all_lessons.cache_clear()


def test_own_lessons_are_listed_and_a_broken_one_is_said(own: Path, window: MainWindow) -> None:
    (own / "mine.toml").write_text('illustration = "nothing"\nbounds = [1]\n')
    (own / "mine.md").write_text("# <b>Mine</b>\n\n## Question\nWell?\n- yes\n- no\n")
    (own / "broken.toml").write_text("place = 'x'\n")
    all_lessons.cache_clear()
    window.open("lessons")
    window.show()
    page = window.open_lessons().story
    assert page.problem.isVisible()
    assert "broken.toml" in page.problem.text()
    show(page, "mine")
    page.answer(0)
    assert "nothing is not an illustration" in page._hidden.text()


def test_the_guide_has_every_illustration() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    table = guide.partition("<!-- illustrations -->\n")[2].partition("<!-- end -->")[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    assert {row[2].strip("`"): row[0] for row in rows} == {key: kind.title for key, kind in KINDS.items()}


def test_tab_goes_from_the_question_to_its_answers_the_controls_and_then_run(
    qtbot: QtBot, window: MainWindow, page: StoryPage
) -> None:
    show(page, FIRST)
    window.activateWindow()
    qtbot.waitUntil(lambda: chip(page, "init", "torch").isVisible())
    page.next.setFocus()
    seen: list[QWidget | None] = []
    for _tab in range(9):
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    text = page.text
    norm, init = (chip(page, name, key) for name, key in (("norm", "none"), ("init", "torch")))
    assert [widget for widget in seen if widget in (*text.answers, norm, init, text.run, text.train)] == [
        *text.answers,
        norm,
        init,
        text.run,
        text.train,
    ]
    assert text.run.text().endswith("Run"), "nothing was run before on this page"
