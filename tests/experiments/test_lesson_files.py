"""Read lessons from TOML and Markdown. An invalid lesson gets one line that says what is wrong."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.experiments.lesson_measures import MEASURES, LessonNet, fill_sentence, read_expression, read_sentence
from resviz.experiments.lesson_text import LessonError, LessonText, read_text
from resviz.experiments.lessons import all_lessons, control_range, find_lesson, lessons, story
from resviz.measurements.steps import first_step_below
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.runs.folder import RunFolder
from resviz.runs.library import named, sample_folder
from resviz.runs.run_history import read_history
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig

TEXT = """# A title

The claim, in
two lines.

## Question
What happens?
- this
- that, in
  two lines

## Look
At the plot.

Twice.
## Measured
The loss of {net 1} is {loss 1}.
## Source
A paper.
"""
NET = '[[nets]]\nnet = "cifar-plain20"\n'
QUESTION = 'measure = "loss 1"\nbounds = [0.5]\n'


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "lessons"
    folder.mkdir()
    all_lessons.cache_clear()
    yield folder
    all_lessons.cache_clear()


def write(folder: Path, toml: str, text: str = TEXT, name: str = "mine") -> None:
    (folder / f"{name}.toml").write_text(toml, encoding="utf-8")
    (folder / f"{name}.md").write_text(text, encoding="utf-8")


def test_a_text_has_its_parts() -> None:
    assert read_text(TEXT) == LessonText(
        "A title",
        "The claim, in two lines.",
        "What happens?",
        ("this", "that, in two lines"),
        "At the plot.\n\nTwice.",
        "The loss of {net 1} is {loss 1}.",
        "",
        "A paper.",
    )


@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        found = read_text(text, "file.md")
    except LessonError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("file.md")
    else:
        assert found.title


@given(st.text(alphabet="loss12 0.5/-gradient_share netx{}"))
def test_any_expression_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        read_expression(text, "file.toml")
    except LessonError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("file.toml")
    read_text_with = f"a {{{text}}} b"
    try:
        read_sentence(read_text_with, "file.md")
    except LessonError as error:
        assert str(error).startswith("file.md")


def test_an_own_lesson_is_a_page_of_the_story_after_the_others(own: Path) -> None:
    write(own, QUESTION + NET)
    assert [lesson.name for lesson in story()][-1] == "mine"
    lesson = find_lesson("mine")
    assert lesson in lessons()
    assert lesson.question is not None
    assert lesson.question.answers == ("this", "that, in two lines")
    assert lesson.question.answer_for(0.4) == 0
    assert lesson.question.answer_for(0.5) == 1
    assert lesson.question.answer_for(math.nan) is None
    assert not all_lessons()[1]


def test_the_place_of_an_own_lesson_can_be_anywhere(own: Path) -> None:
    write(own, "place = 1\n" + QUESTION + NET)
    assert story()[0].name == "mine"


@pytest.mark.parametrize(
    ("toml", "text", "problem"),
    [
        ("nets = 3", TEXT, "nets"),
        ("[[", TEXT, "is not TOML"),
        (QUESTION + '[[nets]]\nnet = "resnet18000000000"\n', TEXT, "mine.toml"),
        (QUESTION + NET + "colour = 3\n", TEXT, "colour"),
        (QUESTION, TEXT, "either nets or an illustration"),
        ("illustration = 'depth'\n" + QUESTION + NET, TEXT, "either nets or an illustration"),
        ('measure = "loss 1"\nbounds = [0.5, 0.2]\n' + NET, TEXT, "2 answers need 1 bounds"),
        ('measure = "beauty 1"\nbounds = [0.5]\n' + NET, TEXT, "beauty 1 is not a measure. Use one of depth"),
        ('measure = "loss one"\nbounds = [0.5]\n' + NET, TEXT, "like loss 1"),
        ('measure = "loss 1 / loss 2 / loss 3"\nbounds = [0.5]\n' + NET, TEXT, "more than one operator"),
        (QUESTION + NET + "[controls]\ncolour = ['red']\n", TEXT, "colour is not a setting"),
        (QUESTION + NET, "no title", "the first line must be a title"),
        (QUESTION + NET, "# " + 81 * "x", "at most 80 characters"),
        (QUESTION + NET, "# Title\n## Colour\n", "“Colour” is not known"),
        (QUESTION + NET, TEXT.replace("{loss 1}", "{joy 1}"), "joy 1 is not a measure"),
        (QUESTION + NET + "[recipe]\nbatch = 0\n", TEXT, "batch"),
        ("x." * 3000 + "y = 1", TEXT, "mine.toml"),
        ("place = " + 5000 * "9", TEXT, "mine.toml"),
        (QUESTION + '[[nets]]\nnet = "plain18"\nself = 1\n', TEXT, "mine.toml"),
        ('measure = "loss 2"\nbounds = [0.5]\n' + NET, TEXT, "asks for net 2, but the lesson has 1"),
        (QUESTION + NET, TEXT.replace("{loss 1}", "{loss 9}"), "asks for net 9, but the lesson has 1"),
        (QUESTION + NET + "[controls]\nbatch = ['x']\n", TEXT, "batch must be a whole number"),
        (QUESTION + NET + "[controls]\nbatch = ['0 to 8']\n", TEXT, "batch: 0 to 8: both limits must be above 0"),
        (QUESTION + NET + "[controls]\nbatch = ['8 to 8']\n", TEXT, "the second above the first"),
        (QUESTION + NET + "[controls]\nbatch = ['1.. to 8']\n", TEXT, "batch"),
        (QUESTION + NET + "[controls]\nbatch = ['1 to 1e9']\n", TEXT, "batch must be"),
        (QUESTION + NET + "[views]\nleft = 'loss'\n", TEXT, "views.left is not known"),
        (QUESTION + NET, TEXT.replace("What happens?", ""), "answers, but no question"),
        (QUESTION + NET, "Before.\n" + TEXT, "the first line must be a title"),
    ],
)
def test_what_is_wrong_with_an_own_lesson_is_said_and_the_others_stay(
    own: Path, toml: str, text: str, problem: str
) -> None:
    write(own, toml, text)
    write(own, QUESTION + NET, name="good")
    found, problems = all_lessons()
    assert [lesson.name for lesson in found][-1] == "good"
    assert len(problems) == 1
    assert problem in str(problems[0])
    assert "\n" not in str(problems[0])


@given(st.floats(0, 1))
def test_a_slider_goes_by_factors_from_its_least_to_its_most(share: float) -> None:
    limits = control_range(["32 to 1500"])
    assert limits is not None
    assert 32 <= limits.at(share) <= 1500
    assert limits.share(limits.at(share)) == pytest.approx(share)
    assert (limits.text(limits.at(0)), limits.text(limits.at(1))) == ("32", "1500")


def test_a_slider_of_decimals_keeps_three_digits() -> None:
    limits = control_range(["0.001 to 0.1"])
    assert limits is not None
    assert limits.text(limits.at(0.5)) == "0.01"
    assert limits.text(limits.at(0.25)) == "0.00316"
    assert control_range(["0.001", "0.1"]) is None


def test_files_that_are_no_texts_are_refused(own: Path) -> None:
    (own / "binary.toml").write_bytes(b"\xff\xfe\x00")
    write(own, QUESTION + NET, name="alone")
    (own / "alone.md").unlink()
    write(own, QUESTION + NET + "#" * 100_001, name="large")
    write(own, QUESTION + NET, name="options")
    problems = [str(problem) for problem in all_lessons()[1]]
    assert len(problems) == 4
    for words in ("alone.md: No such file", "not a text file", "larger than 100000 bytes", "Rename the file"):
        assert any(words in problem for problem in problems)


def test_the_story_has_ten_to_fourteen_pages_that_each_ask_and_answer() -> None:
    pages = story()
    assert 10 <= len(pages) <= 14
    for lesson in pages:
        assert lesson.claim
        assert lesson.question is not None
        assert 2 <= len(lesson.question.answers) <= 4
        assert lesson.paper
        assert lesson.source
        assert lesson.measured or lesson.illustration


def sample(name: str) -> LessonNet:
    run = next(
        run
        for path in sorted(sample_folder().iterdir())
        if (run := RunFolder(path)).info.net.name == name and run.info.steps == 120
    )
    return LessonNet(run.info.net, read_history(run.folder))


def test_measures_are_what_a_slow_look_at_the_rows_finds() -> None:
    nets = [sample("cifar-plain20"), sample("cifar-resnet20")]
    rows = [net.history for net in nets]
    assert all(history is not None for history in rows)
    plain, residual = (history for history in rows if history is not None)

    def value(text: str) -> float:
        return read_expression(text).value(nets)

    assert value("depth 1") == 20
    assert value("parameters 2") == sum(one.numel() for one in to_module(build(nets[1].spec)).parameters())
    losses = [float(loss) for loss in plain.column("loss")]
    assert value("loss 1") == pytest.approx(sum(losses[-20:]) / 20)
    assert value("first_loss 1") == losses[0]
    errors = [float(error) for error in residual.column("held_out_error") if not math.isnan(error)]
    assert value("held_out_error 2") == errors[-1]
    gradient = plain.column("response_gradient")[-1]
    assert value("gradient_share 1") == pytest.approx(gradient[0] / gradient[-2])
    assert value("loss 1 / loss 2") == pytest.approx(value("loss 1") / value("loss 2"))
    assert value("loss 1 - loss 2") == pytest.approx(value("loss 1") - value("loss 2"))
    through, other = residual.column("shortcut_gradient")[-1], residual.column("residual_gradient")[-1]
    assert value("shortcut_share 2") == pytest.approx(
        np.median([a / (a + b) for a, b in zip(through, other, strict=True)])
    )
    assert math.isnan(value("loss 3")), "there is no third net"
    assert math.isnan(value("gate 1")), "and no gate"


@pytest.mark.parametrize("name", MEASURES)
def test_nothing_is_measured_of_a_net_that_was_not_trained(name: str) -> None:
    net = LessonNet(catalogue.find("cifar-resnet20"), None)
    value = MEASURES[name].value(net, 0.5)
    assert math.isnan(value) != (name in ("depth", "parameters", "multiply_adds"))
    if not math.isnan(value):
        assert MEASURES[name].format(value)


@given(st.lists(st.floats(0, 3), max_size=40), st.floats(0, 3))
def test_the_first_step_below_a_level_is_found_by_looking_at_each(losses: list[float], level: float) -> None:
    slow = next((3 * at for at in range(4, len(losses)) if np.mean(np.array(losses[at - 4 : at + 1])) < level), None)
    assert first_step_below(3 * np.arange(len(losses)), np.array(losses), level) == slow


def test_a_sentence_is_only_said_of_what_was_measured() -> None:
    text = "{net 1}: {loss 1}, {loss 2}, {kept}"
    with pytest.raises(LessonError):
        read_sentence(text)
    text = "{net 1} and {net 2}: {depth 1}, {loss 2}"
    nets = [sample("cifar-plain20"), sample("cifar-resnet20")]
    found = fill_sentence(text, read_sentence(text), nets, ["one", "two"])
    assert found.startswith("one and two: 20, ")
    assert fill_sentence(text, read_sentence(text), nets[:1], ["one"]) == ""


def test_the_recipe_of_a_lesson_is_that_of_its_sample_runs() -> None:
    """A lesson with a whole training shows a saved run at once."""
    from resviz.experiments.recorded_runs import find_recorded

    for name in ("degradation", "residual-depth", "responses", "convergence", "plain20-resnet20"):
        lesson = find_lesson(name)
        found = find_recorded(lesson.specs, lesson.config, [sample_folder()])
        assert len(found) == len(lesson.specs), name
        assert TrainConfig.model_validate(RunFolder(named(found[0].name)).info.recipe).data == "digits16"


GUIDE = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")


def part(name: str) -> str:
    return GUIDE.partition(f"<!-- {name} -->\n")[2].partition("<!-- end -->")[0]


def test_the_guides_example_is_a_lesson(own: Path) -> None:
    toml, text = (part(name).strip().partition("\n")[2].removesuffix("```") for name in ("lesson toml", "lesson text"))
    write(own, toml, text)
    found, problems = all_lessons()
    assert not problems
    lesson = found[-1]
    assert (lesson.name, lesson.title) == ("mine", "Twice the learning rate")
    assert lesson.controls == {"learning_rate": ("0.1", "0.2", "0.4"), "norm": ()}
    assert lesson.question is not None
    assert lesson.question.answers == ("no", "yes")
    assert lesson.expressions.keys() == {"loss 1", "held_out_error 1"}


def test_the_guide_has_every_measure() -> None:
    rows = [f"| `{measure.name}` | {measure.text} |" for measure in MEASURES.values()]
    assert part("measures").strip().splitlines()[2:] == rows
