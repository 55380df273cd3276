"""The report of a comparison is written beside the use of the window, as it was when it was asked for."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.report_figures import FIGURES, write_report
from resviz.gui.files import dialogs
from resviz.gui.plots.figure import Figure, FigureSize
from tests.helpers.compare_page import show_only


def messages(compare: CompareController) -> list[str]:
    said: list[str] = []
    compare.status_message.connect(said.append)
    return said


def without_moment(report: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d, \d\d:\d\d UTC", "", report)


def wait(qtbot: QtBot, compare: CompareController) -> None:
    qtbot.waitUntil(lambda: not compare.report_writer.busy, timeout=30_000)


@pytest.fixture
def two(qtbot: QtBot, compare: CompareController) -> CompareController:
    show_only(qtbot, compare, *list(compare.runs)[:2])
    return compare


def test_a_report_is_what_was_shown_when_it_was_asked_for(
    qtbot: QtBot, two: CompareController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = tmp_path / "report.html", messages(two)
    monkeypatch.setattr(dialogs, "ask_where", lambda *_: path)
    expected = write_report(two.display.scene())
    two.ask_report()
    two.show_only([])
    wait(qtbot, two)
    assert without_moment(path.read_text(encoding="utf-8")) == without_moment(expected)
    assert said[-1] == f"wrote {path}"


def test_the_window_has_a_turn_between_two_parts_of_a_figure(
    qtbot: QtBot, two: CompareController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [0]
    drawn_at: list[int] = []
    drawing = Figure.drawing

    def noting(figure: Figure, ending: str, size: FigureSize) -> Generator[None, None, bytes]:
        parts = drawing(figure, ending, size)
        while True:
            drawn_at.append(turns[0])
            try:
                next(parts)
            except StopIteration as end:
                return bytes(end.value)
            yield

    monkeypatch.setattr(Figure, "drawing", noting)
    beat = QTimer()
    beat.setInterval(0)
    beat.timeout.connect(lambda: turns.__setitem__(0, turns[0] + 1))
    beat.start()
    two.report_writer.start(two.display.scene(), tmp_path / "report.html")
    wait(qtbot, two)
    beat.stop()
    assert 12 < len(drawn_at) <= 6 * len(FIGURES)
    assert len(set(drawn_at)) == len(drawn_at)


def test_a_file_that_cannot_be_written_is_said(qtbot: QtBot, two: CompareController, tmp_path: Path) -> None:
    two.report_writer.start(two.display.scene(), tmp_path / "nowhere" / "report.html")
    wait(qtbot, two)
    assert "nowhere" in two.view.browser.problem.text()


def test_an_error_in_a_figure_is_said_and_leaves_no_file(
    qtbot: QtBot, two: CompareController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Generator[None, None, bytes]:
        yield
        raise IndexError("row 3")

    monkeypatch.setattr(Figure, "drawing", fail)
    two.report_writer.start(two.display.scene(), tmp_path / "report.html")
    wait(qtbot, two)
    assert "The report could not be made: IndexError: row 3" in two.view.browser.problem.text()
    assert not (tmp_path / "report.html").exists()


def test_a_report_that_is_not_finished_is_given_up_when_the_window_closes(
    qtbot: QtBot, two: CompareController, tmp_path: Path
) -> None:
    two.report_writer.start(two.display.scene(), tmp_path / "report.html")
    two.shut_down()
    assert not two.report_writer.busy
    assert not (tmp_path / "report.html").exists()
