"""A full garbage collection waits for its timer."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resviz.gui.shell.garbage import INTERVAL, collect_between_actions


@pytest.fixture
def full_collections() -> Iterator[list[int]]:
    """One entry for each full collection that ended."""
    ended: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == 2:
            ended.append(info["collected"])

    thresholds, enabled = gc.get_threshold(), gc.isenabled()
    gc.callbacks.append(note)
    yield ended
    gc.callbacks.remove(note)
    gc.set_threshold(*thresholds)
    (gc.enable if enabled else gc.disable)()


class Cycle:
    def __init__(self) -> None:
        self.me = self


def test_only_the_timer_begins_a_full_collection(qtbot: QtBot, full_collections: list[int]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made = [[number] for number in range(300_000)]
    assert full_collections, "Python begins full collections while many objects are made"

    timer = collect_between_actions(window)
    full_collections.clear()
    made += [[number] for number in range(600_000)]
    cycles = [Cycle() for _ in range(100)]
    del cycles
    assert full_collections == []

    assert timer.isActive()
    assert timer.interval() == INTERVAL
    timer.timeout.emit()
    assert len(full_collections) == 1
    assert full_collections[0] >= 100


def test_no_collection_disturbs_a_worker_that_has_disabled_them(qtbot: QtBot, full_collections: list[int]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    timer = collect_between_actions(window)
    full_collections.clear()
    gc.disable()
    timer.timeout.emit()
    assert full_collections == []
