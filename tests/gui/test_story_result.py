"""What the page of a lesson concludes from a training: nothing before the end, and then the last weights' error."""

import pytest

from resviz.experiments.lessons import find_lesson
from resviz.experiments.recorded_runs import find_recorded
from resviz.gui.lessons.story_result import training_result
from resviz.gui.train.training_setup import FIRST_LESSON, TrainingSetup
from resviz.gui.train.training_state import TrainingState
from resviz.runs.folder import RunFolder
from resviz.runs.library import sample_folder
from resviz.runs.run_history import read_history


@pytest.fixture
def state() -> TrainingState:
    """The saved run of the first lesson, as it is shown before anything is trained."""
    lesson = find_lesson(FIRST_LESSON)
    state = TrainingState(TrainingSetup.from_lesson(lesson))
    folders = find_recorded(lesson.specs, lesson.config, [sample_folder()])
    errors = tuple(RunFolder(folder).info.error for folder in folders)
    state.show_recorded([read_history(folder) for folder in folders], 10.0, errors)
    return state


def test_a_whole_saved_run_answers_the_question(state: TrainingState) -> None:
    result = training_result(find_lesson(FIRST_LESSON), state, revealed=True)
    assert result.right is not None
    assert "too early" not in result.note


def test_a_saved_run_of_fewer_steps_answers_nothing(state: TrainingState) -> None:
    setup = state.setup.with_setting("steps", "10000")
    state.setup = state.run_setup = setup
    result = training_result(find_lesson(FIRST_LESSON), state, revealed=True)
    assert result.right is None
    assert result.measured == ""
    assert f"The saved run has {state.done} of 10000 steps: too early for an answer." in result.note


def test_the_error_is_that_of_the_last_weights(state: TrainingState) -> None:
    lesson = find_lesson("degradation")
    folders = find_recorded(lesson.specs, lesson.config, [sample_folder()])
    state = TrainingState(TrainingSetup.from_lesson(lesson))
    state.show_recorded([read_history(folder) for folder in folders], None, tuple(0.123 for _folder in folders))
    assert "12.3%" in training_result(lesson, state, revealed=True).measured
