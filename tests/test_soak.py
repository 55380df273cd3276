"""A little of `python -m tests.soak`: every trial is made a few times, and nothing fails."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.soak import file_trials, kill_trials, window_trials
from tests.soak.trial import Trial, attempts

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("trial", file_trials.TRIALS, ids=lambda trial: trial.what)
def test_a_damaged_file_gives_right_numbers_or_one_line(trial: Trial, tmp_path: Path) -> None:
    outcomes, failures = attempts(trial, 15, tmp_path)
    assert not failures
    assert set(outcomes) <= {"read", "read in part", "refused"}


def test_a_killed_training_goes_on(tmp_path: Path) -> None:
    outcomes, failures = attempts(kill_trials.TRIALS[0], 1, tmp_path)
    assert not failures
    assert outcomes


def test_random_actions_raise_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    _outcomes, failures = attempts(window_trials.TRIALS[0], 40, tmp_path)
    assert not failures


def test_a_failure_is_counted_and_told_with_its_number(tmp_path: Path) -> None:
    def fails(chance: object, folder: object) -> str:
        raise IndexError("row\n3")

    outcomes, failures = attempts(Trial("a trial", 2, lambda _: fails), 2, tmp_path)
    assert outcomes == {"FAILED": 2}
    assert failures == ["a trial, 0: IndexError: row 3", "a trial, 1: IndexError: row 3"]
