"""LESSONS shows what saved nets do without one of their blocks."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from resviz.experiments.ablation import AblatedRun
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.gui.lessons.ablation_page import AblationPage
from resviz.gui.lessons.ensemble_page import EnsemblePage
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from resviz.training.ablation import BlockAblation
from resviz.training.recipe import TrainConfig
from tests.helpers.lesson_pages import open_illustration

STAGES = ["[3x3,8; 3x3,8] x2", "[3x3,16; 3x3,16] x1"]


def train(folder: Path) -> None:
    config = TrainConfig(data="digits16", batch=32, steps=4, evaluate_every=0)
    stem = {"stem": "3x3,8", "stages": STAGES}
    nets = tuple(catalogue.find(f"cifar-{unit}20").with_options(**stem) for unit in ("plain", "resnet"))
    with Session(TrainingPlan(nets, config, folder)) as session:
        for _ in session.steps():
            pass


def page_of(window: MainWindow) -> AblationPage:
    return open_illustration(window, "ablation", AblationPage)


def test_without_own_runs_it_offers_those_that_come_with_the_program(window: MainWindow) -> None:
    page = page_of(window)
    assert [box.currentText().partition(",")[0] for box in page.choices] == ["plain-20", "ResNet-20"]
    assert page.measure.isEnabled()
    assert not page.stop.isEnabled()
    page.errors.grab()
    page.paths.grab()


def test_without_any_run_it_says_what_to_train(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("resviz.gui.lessons.saved_run_page.sample_folder", lambda: tmp_path / "none")
    page = page_of(window)
    assert "No saved run has weights yet" in page.result.text()
    assert not page.measure.isEnabled()
    page.start()
    assert "No saved run has weights yet" in page.result.text(), "it stays"


@pytest.fixture
def page(window: MainWindow, tmp_path: Path) -> AblationPage:
    train(tmp_path / "runs")
    return page_of(window)


def test_a_plain_net_stands_beside_a_residual_one_and_both_are_measured(qtbot: QtBot, page: AblationPage) -> None:
    assert [box.currentText().partition(",")[0] for box in page.choices] == ["plain-20", "ResNet-20"]
    assert "Press Measure" in page.result.text()
    page.measure.click()
    assert page.stop.isEnabled()
    assert not page.measure.isEnabled()
    qtbot.waitUntil(lambda: len(page.errors.runs) == 2, timeout=60_000)
    assert not page.stop.isEnabled()
    plain, residual = page.errors.runs
    assert [block.block for block in residual.blocks] == ["layer1.0", "layer1.1", "layer2.0"]
    assert [name for name, _values in page.errors.groups()] == ["1.0", "1.1", "2.0"]
    assert page.errors.groups()[2][1] == [None, residual.blocks[2].skipped], "the plain one halves the map"
    assert plain.paths == ()
    assert [path.paths for path in residual.paths] == [1, 3, 3, 1]
    shares = [values[0] for _name, values in page.paths.groups()]
    assert sum(share or 0 for share in shares) == pytest.approx(1)
    assert page.result.text().count("The held-out error of") == 2
    assert [run.deeper for run in page.errors.runs] == [run.error for run in page.errors.runs]
    for picture in (page.errors, page.paths):
        picture.grab()
        said = {picture.reading(QPointF(x, 60)) for x in range(0, picture.width(), 5)}
        assert len(said) > 2
        assert len(picture.numbers()) == 1 + len(picture.groups())
    page.refresh()
    assert len(page.errors.runs) == 2, "what was measured stays"


def test_measuring_can_be_stopped(qtbot: QtBot, page: AblationPage) -> None:
    page.measure.click()
    page.stop.click()
    qtbot.waitUntil(lambda: "stopped" in page.result.text() and page.measure.isEnabled(), timeout=60_000)
    page.measure.click()
    qtbot.waitUntil(lambda: len(page.errors.runs) == 2, timeout=60_000)


def test_a_damaged_checkpoint_is_said_and_nothing_is_drawn(qtbot: QtBot, page: AblationPage, tmp_path: Path) -> None:
    for path in (tmp_path / "runs").glob("*/checkpoint.safetensors"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    page.measure.click()
    qtbot.waitUntil(lambda: not page.stop.isEnabled(), timeout=60_000)
    assert "was changed after it was written" in page.result.text()
    assert page.errors.runs == []
    assert page.measure.isEnabled()


def test_a_run_that_fails_takes_nothing_from_the_next_and_a_resumed_one_is_measured_anew(
    qtbot: QtBot, page: AblationPage, tmp_path: Path
) -> None:
    plain, residual = (box.currentData() for box in page.choices)
    checkpoint = plain / "checkpoint.safetensors"
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[:-9] + bytes(9))
    page.measure.click()
    qtbot.waitUntil(lambda: not page.stop.isEnabled(), timeout=60_000)
    assert [run.name for run in page.errors.runs] == ["ResNet-20"], "the answer is the other run's"
    assert "checkpoint" in page.result.text()
    assert page.measure.isEnabled()
    checkpoint.write_bytes(content)
    page.measure.click()
    qtbot.waitUntil(lambda: len(page.errors.runs) == 2, timeout=60_000)
    assert [run.name for run in page.errors.runs] == ["plain-20", "ResNet-20"]
    newer = residual / "checkpoint.safetensors"
    os.utime(newer, ns=(0, newer.stat().st_mtime_ns + 1))
    page.refresh()
    assert [run.name for run in page.errors.runs] == ["plain-20"]
    assert page.measure.isEnabled()


def test_blocks_of_every_run_and_each_level_of_chance_are_drawn(page: AblationPage) -> None:
    first = AblatedRun("a", "residual", 0.1, 0.9, (BlockAblation("layer1.0", 0.2, 0.2),), ())
    second = AblatedRun("b", "residual", 0.1, 0.99, (BlockAblation("inception3a", 0.3, 0.4),), ())
    page.errors.set_runs([first, second])
    assert page.errors.groups() == [("1.0", [0.2, None]), ("inception3a", [None, 0.3])]
    page.errors.grab()


def test_three_nets_with_one_split_answer_together(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    from tests.experiments.test_ensemble import train as train_seed

    for seed in (1, 2, 3):
        train_seed(tmp_path / "runs", seed)
    page = open_illustration(window, "ensemble", EnsemblePage)
    assert len({box.currentData() for box in page.choices}) == 3, "each place offers another run"
    page.measure.click()
    qtbot.waitUntil(lambda: "Together the 3 nets err on" in page.result.text(), timeout=60_000)
    rows = page.bars.numbers()
    assert [row[0] for row in rows[1:]] == ["LeNet-5"] * 3 + ["together"]
    page.bars.grab()


def test_nets_of_other_splits_are_refused_with_the_reason(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    from tests.experiments.test_ensemble import train as train_seed

    for seed in (1, 2):
        train_seed(tmp_path / "runs", seed, split_seed=-1)
    page = open_illustration(window, "ensemble", EnsemblePage)
    page.choices[2].setCurrentIndex(page.choices[0].currentIndex())
    page.measure.click()
    qtbot.waitUntil(lambda: "different held-out images" in page.result.text(), timeout=60_000)
