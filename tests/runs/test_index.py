"""The list of runs follows what happens in the folder, reads nothing twice, and what is said of runs is kept."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.base.errors import RunError
from resviz.runs import notes, trash
from resviz.runs.folder import RunFolder
from resviz.runs.index import RunIndex
from resviz.runs.metrics import read_last
from resviz.runs.notes import Notes, parse_tags, read_notes, write_notes
from tests.helpers.written_runs import begin, some_rows


def looked(index: RunIndex) -> list[bool]:
    return list(index.look())


def test_a_run_comes_moves_ends_and_goes(tmp_path: Path) -> None:
    index = RunIndex([tmp_path])
    assert looked(index) == []
    writer = begin(tmp_path)
    assert looked(index) == [True]
    writer.append(some_rows(0, 5))
    assert looked(index) == [True]
    assert index.runs[writer.folder].info.steps == 5
    writer.finish("finished")
    looked(index)
    assert index.runs[writer.folder].info.state == "finished"
    assert looked(index) == [False]
    shutil.rmtree(writer.folder)
    assert looked(index) == [True]
    assert not index.runs


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        begin(tmp_path).finish("finished")
    index = RunIndex([tmp_path])
    looked(index)
    monkeypatch.setattr("resviz.runs.index.RunFolder", lambda folder: pytest.fail(f"{folder} was read again"))
    assert looked(index) == [False] * 3


def test_a_run_whose_program_died_is_seen_to_be_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = begin(tmp_path)
    index = RunIndex([tmp_path])
    looked(index)
    monkeypatch.setattr("resviz.runs.folder._alive", lambda pid: False)
    assert looked(index) == [True]
    assert index.runs[writer.folder].info.state == "interrupted"


def test_a_broken_run_is_a_problem_until_it_is_mended(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    text = (writer.folder / "run.json").read_text()
    (writer.folder / "run.json").write_text("{")
    index = RunIndex([tmp_path])
    looked(index)
    assert not index.runs
    assert writer.folder in index.problems
    (writer.folder / "run.json").write_text(text)
    looked(index)
    assert index.runs
    assert not index.problems


def test_the_last_rows_say_how_far_a_run_is(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    for start in range(0, 40, 5):
        writer.append(some_rows(start, 5))
    writer.finish("stopped")
    rows = read_last(writer.folder)
    assert rows["step"].tolist() == [35, 36, 37, 38, 39]
    assert (rows["response"] == RunFolder(writer.folder).rows()["response"][-5:]).all()
    sums = writer.folder / "metrics-0000.crc32"
    lines = sums.read_bytes().splitlines()
    data = (writer.folder / "metrics-0000.arrows").read_bytes()
    end = int(lines[-1].split()[0])
    (writer.folder / "metrics-0000.arrows").write_bytes(data[: end - 3])
    assert read_last(writer.folder)["step"][-1] == 34, "cut off: the rows before"


def test_the_best_error_is_the_least_that_was_measured(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    for start, errors in ((0, [0.5, 0.2]), (2, [0.4, 0.3])):
        writer.append({**some_rows(start, 2), "held_out_error": np.array(errors)})
    assert RunFolder(writer.folder).info.best_error == 0.2
    info = writer.finish("finished", error=0.25)
    assert (info.error, info.best_error) == (0.25, 0.2)


def test_notes_are_kept_and_change_one_by_one(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    assert read_notes(writer.folder) == Notes()
    write_notes(writer.folder, tags=("lecture", "56 layers"))
    write_notes(writer.folder, title="<b>mine</b>", notes="two\nlines")
    kept = read_notes(writer.folder)
    assert kept == Notes(title="<b>mine</b>", tags=("lecture", "56 layers"), notes="two\nlines")
    index = RunIndex([tmp_path])
    looked(index)
    assert index.runs[writer.folder].notes == kept


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"title": "x" * 201}, "title"), ({"tags": ("a,b",)}, "tags"), ({"tags": ("",)}, "tags")],
)
def test_notes_that_are_too_long_are_refused_in_a_line(tmp_path: Path, wrong: dict[str, object], says: str) -> None:
    with pytest.raises(RunError, match=says) as caught:
        write_notes(tmp_path, **wrong)
    assert "\n" not in str(caught.value)


def test_a_stranger_s_notes_are_read_or_refused_and_hide_no_run(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    (writer.folder / notes.ABOUT).write_text('{"title": "a", "path": "/etc/passwd"}')
    index = RunIndex([tmp_path])
    looked(index)
    assert writer.folder in index.runs
    assert writer.folder in index.problems


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_content_of_notes_does_harm(tmp_path: Path, content: bytes) -> None:
    (tmp_path / notes.ABOUT).write_bytes(content)
    try:
        assert isinstance(read_notes(tmp_path), Notes)
    except RunError as error:
        assert "\n" not in str(error)


def test_tags_are_typed_with_commas_between() -> None:
    assert parse_tags(" lecture, 56 layers,,lecture ") == ("lecture", "56 layers")


def test_a_run_thrown_away_comes_back_until_the_trash_is_emptied(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 3))
    writer.finish("finished")
    index = RunIndex([tmp_path])
    looked(index)
    thrown = trash.move_to_trash(writer.folder)
    looked(index)
    assert not index.runs
    assert trash.in_trash(tmp_path) == [thrown]
    trash.bring_back(thrown, writer.folder)
    looked(index)
    assert index.runs[writer.folder].info.steps == 3
    thrown = trash.move_to_trash(writer.folder)
    shutil.copytree(thrown, writer.folder)
    with pytest.raises(RunError, match="another run has this name"):
        trash.bring_back(thrown, writer.folder)
    trash.move_to_trash(writer.folder)
    assert len(trash.in_trash(tmp_path)) == 2
    trash.empty(tmp_path)
    assert not trash.in_trash(tmp_path)


def test_what_is_thrown_away_twice_is_thrown_away_once(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    thrown = trash.move_to_trash(writer.folder)
    with pytest.raises(RunError, match="the run is gone"):
        trash.move_to_trash(writer.folder)
    trash.bring_back(thrown, writer.folder)
    assert RunFolder(writer.folder).info.state == "finished"


def test_a_run_that_is_being_written_is_not_thrown_away(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    with pytest.raises(RunError, match="being written"):
        trash.move_to_trash(writer.folder)
    writer.finish("stopped")
    trash.move_to_trash(writer.folder)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are for a privileged few there")
@pytest.mark.parametrize("name", ["run.json", "layers.json", "metrics-0000.arrows", "metrics-0000.crc32", "about.json"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_no_link_is_followed_and_no_pipe_is_waited_for(tmp_path: Path, name: str, kind: str) -> None:
    writer = begin(tmp_path / "runs")
    writer.append(some_rows(0, 3))
    write_notes(writer.folder, title="mine")
    writer.finish("finished")
    path, imported_curves = writer.folder / name, tmp_path / "elsewhere"
    shutil.copy(path, imported_curves)
    path.unlink()
    if kind == "link":
        path.symlink_to(imported_curves)
    else:
        os.mkfifo(path)
    with pytest.raises(RunError, match="not a regular file"):
        run = RunFolder(writer.folder)
        run.rows(), run.layers, read_notes(writer.folder)
