"""Presentation mode: readable from the last row, and led by the keys of a clicker."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from resviz.experiments.lessons import find_lesson, story
from resviz.gui.graph.graph_items import BoxItem
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.presentation.decks import BuildDeck, CompareDeck, StoryDeck, TrainDeck
from resviz.gui.presentation.presentation import Presentation
from resviz.gui.presentation.slide import TEXT_PIXELS, TITLE_PIXELS, Deck
from resviz.gui.style import theme
from resviz.gui.train.training_setup import FIRST_LESSON


def shown(qtbot: QtBot, deck: Deck, height: int = 1080) -> Presentation:
    presentation = Presentation(deck)
    qtbot.addWidget(presentation)
    presentation.resize(height * 16 // 9, height)
    presentation.show()
    qtbot.waitExposed(presentation)
    presentation.refresh()
    return presentation


@pytest.fixture
def lesson(qtbot: QtBot, window: MainWindow) -> TrainDeck:
    """The saved run of the first lesson."""
    window.open("train")
    train = window.open_train()
    train.choose_lesson("plain20-resnet20")
    qtbot.waitUntil(lambda: bool(train.histories), timeout=20_000)
    return TrainDeck(train)


def ink_height(label: QLabel, text: str) -> int:
    """Height in pixels of what a label's font draws of a text."""
    other = QLabel(text)
    other.setFont(label.font())
    other.setStyleSheet("background: white; color: black")
    other.resize(other.sizeHint())
    image = other.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    rows = np.flatnonzero((pixels[:, : image.width()] < 128).any(axis=1))
    other.deleteLater()
    return int(rows[-1] - rows[0] + 1)


@pytest.mark.parametrize("height", [720, 1080])
def test_every_text_is_at_least_as_large_as_the_floor(qtbot: QtBot, lesson: TrainDeck, height: int) -> None:
    presentation = shown(qtbot, lesson, height)
    unit = height / 1080
    surface = presentation.surface
    assert isinstance(surface, CurvePlot)
    assert QFontInfo(presentation.title.font()).pixelSize() >= round(TITLE_PIXELS * unit)
    for label in (presentation.sentences, presentation.footer):
        assert QFontInfo(label.font()).pixelSize() >= round(TEXT_PIXELS * unit)
        # A capital letter of a font of 36 pixels is about 26 pixels high.
        assert ink_height(label, "H") >= 0.68 * TEXT_PIXELS * unit
    for side in ("left", "bottom"):
        ticks = surface.plot.getAxis(side).style["tickFont"]
        assert QFontInfo(ticks).pixelSize() >= round(TEXT_PIXELS * unit) - 1
    assert surface._items[0].opts["pen"].widthF() == pytest.approx(4 * unit)


def test_the_sentences_say_what_is_measured(qtbot: QtBot, lesson: TrainDeck) -> None:
    presentation = shown(qtbot, lesson)
    assert "plain-20: The gradient vanishes: a factor of 2.6 per layer" in presentation.sentences.text()
    assert "ResNet-20: The gradient flows: between" in presentation.sentences.text()
    assert presentation.footer.text() == "120 of 120 steps · view 1 of 4"


def test_a_clicker_goes_through_the_views_and_on_to_the_next_lesson(qtbot: QtBot, lesson: TrainDeck) -> None:
    presentation = shown(qtbot, lesson)
    first = presentation.title.text()
    for number in (2, 3, 4):
        qtbot.keyClick(presentation, Qt.Key.Key_PageDown)
        assert f"view {number} of 4" in presentation.footer.text()
    qtbot.keyClick(presentation, Qt.Key.Key_PageDown)
    assert presentation.title.text() != first
    assert lesson._train.state == "idle", "it is loaded, not started"
    qtbot.keyClick(presentation, Qt.Key.Key_PageUp)
    assert presentation.title.text() == first


def test_b_blanks_and_escape_leaves(qtbot: QtBot, lesson: TrainDeck) -> None:
    presentation = shown(qtbot, lesson)
    qtbot.keyClick(presentation, Qt.Key.Key_B)
    assert presentation.is_blank
    qtbot.keyClick(presentation, Qt.Key.Key_B)
    assert not presentation.is_blank
    with qtbot.waitSignal(presentation.left):
        qtbot.keyClick(presentation, Qt.Key.Key_Escape)
    assert not presentation.isVisible()


def boxes_in_sight(presentation: Presentation) -> list[BoxItem]:
    view = presentation.graph
    return [item for item in view.items(view.viewport().rect()) if isinstance(item, BoxItem)]


def test_a_small_net_is_shown_by_layers_and_a_deep_one_by_blocks_that_are_scrolled(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.build.state.show_family("classics")
    presentation = shown(qtbot, BuildDeck(window.build))
    floor = TEXT_PIXELS / 11
    assert presentation.graph.transform().m11() >= floor - 1e-6
    assert not any(item.box.fold for item in presentation.graph.boxes)
    window.build.state.show_family("resnet")
    presentation.refresh()
    assert presentation.graph.transform().m11() >= floor - 1e-6
    assert sum(bool(item.box.fold) for item in presentation.graph.boxes) == 16
    before = boxes_in_sight(presentation)
    qtbot.keyClick(presentation, Qt.Key.Key_Down)
    assert boxes_in_sight(presentation) != before
    qtbot.keyClick(presentation, Qt.Key.Key_Right)
    assert presentation.title.text() == "ResNet-50"


def test_compare_is_presented_too(qtbot: QtBot, window: MainWindow) -> None:
    window.open("compare")
    compare = window.open_compare()
    qtbot.waitUntil(lambda: len(compare.shown) > 1 and not compare.busy, timeout=20_000)
    presentation = shown(qtbot, CompareDeck(compare))
    assert isinstance(presentation.surface, CurvePlot)
    assert presentation.surface.curves
    qtbot.keyClick(presentation, Qt.Key.Key_Right)
    assert presentation.footer.text() == "view 2 of 3"


def test_f11_opens_it_from_the_window(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["present"].trigger()
    (presentation,) = window.findChildren(Presentation)
    assert presentation.isVisible()
    qtbot.keyClick(presentation, Qt.Key.Key_F11)
    assert not presentation.isVisible()


def story_deck(window: MainWindow, name: str) -> StoryDeck:
    window.open("lessons")
    window.show()
    page = window.open_lessons().story
    page.show_lesson(find_lesson(name))
    return StoryDeck(page)


def test_a_page_of_the_story_asks_first_and_then_shows_what_was_measured(qtbot: QtBot, window: MainWindow) -> None:
    deck = story_deck(window, "degradation")
    train = window.open_train()
    qtbot.waitUntil(lambda: bool(train.histories), timeout=20_000)
    presentation = shown(qtbot, deck)
    assert "how does its training error compare" in presentation.sentences.text()
    assert "It is higher" in presentation.sentences.text()
    assert not presentation._stack.isVisible(), "the answer is not shown before the question is"
    qtbot.keyClick(presentation, Qt.Key.Key_Space)
    assert "Training error: plain-20" in presentation.sentences.text()
    surface = presentation.surface
    assert isinstance(surface, CurvePlot)
    assert surface.isVisible()
    assert QFontInfo(surface._empty.textItem.font()).pixelSize() >= TEXT_PIXELS, "the note too"
    assert f"page 5 of {len(story())}" in presentation.footer.text()


def test_page_down_turns_the_pages_of_the_story(qtbot: QtBot, window: MainWindow) -> None:
    deck = story_deck(window, "winners")
    presentation = shown(qtbot, deck)
    qtbot.keyClick(presentation, Qt.Key.Key_PageDown)
    assert presentation.title.text() == story()[1].title
    qtbot.keyClick(presentation, Qt.Key.Key_PageUp)
    assert presentation.title.text() == story()[0].title
    qtbot.keyClick(presentation, Qt.Key.Key_Space)
    assert "more than 100" in presentation.sentences.text()


def test_digits_answer_and_the_question_stays_above_what_was_found(qtbot: QtBot, window: MainWindow) -> None:
    deck = story_deck(window, "winners")
    presentation = shown(qtbot, deck)
    assert "1.  about 20" in presentation.sentences.text()
    assert presentation.footer.text().startswith("1 to 3: answer · Space: result")
    qtbot.keyClick(presentation, Qt.Key.Key_1)
    assert "How many has the net that won in 2015?" in presentation.sentences.text()
    assert "It is instead: more than 100" in presentation.sentences.text()


def test_an_illustration_is_painted_as_large_as_its_text_must_be(qtbot: QtBot, window: MainWindow) -> None:
    deck = story_deck(window, "product")
    presentation = shown(qtbot, deck)
    assert not presentation._stack.isVisible()
    qtbot.keyClick(presentation, Qt.Key.Key_Space)
    picture = presentation.illustration.pixmap().toImage()
    colours = {
        picture.pixelColor(x, y).name() for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)
    }
    wanted = {theme.current().plain[0], theme.current().residual[0]}
    assert wanted <= {colour.upper() for colour in colours}
    page = window.open_lessons().story
    assert page.picture is not None
    assert page.picture.width() <= page.width(), "the page has its own size again"


def test_space_does_not_train_again_what_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    deck = story_deck(window, FIRST_LESSON)
    train = window.open_train()
    qtbot.waitUntil(lambda: bool(train.histories), timeout=20_000)
    presentation = shown(qtbot, deck)
    for _press in range(2):
        qtbot.keyClick(presentation, Qt.Key.Key_Space)
    assert train.state == "idle"
    train.editor.change("steps", "3")
    qtbot.keyClick(presentation, Qt.Key.Key_R)
    assert train.state != "idle"
    qtbot.waitUntil(lambda: train.state == "idle", timeout=60_000)


def test_f11_presents_the_story_and_fills_the_screen_with_an_illustration(qtbot: QtBot, window: MainWindow) -> None:
    window.open("lessons")
    window.show()
    lessons = window.open_lessons()
    assert lessons.shows_story
    window.actions_["present"].trigger()
    presentation = window.findChild(Presentation)
    assert presentation is not None
    assert presentation.title.text() == story()[0].title
    presentation.close()
    lessons.chips.button("fc").click()
    assert not lessons.shows_story
    window.actions_["present"].trigger()
    assert window.isFullScreen()
    window.actions_["present"].trigger()
    assert not window.isFullScreen()
