"""Curves of other programs become runs: what each column is is guessed, asked for, or refused, never made up."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.base.errors import RunError
from resviz.results.columns import COLUMNS, filter_runs, sort_runs
from resviz.results.final_tables import TABLES
from resviz.results.report import report
from resviz.results.summary import find_summaries, run_tooltip
from resviz.runs.curve_import import ImportedCurves, read_curves
from resviz.runs.imported_run import guess_meanings, is_clear, save_curves
from resviz.runs.notes import read_notes
from resviz.runs.run_history import read_history
from tests.helpers.command_line import resviz


def curves(**columns: list[tuple[float, float]]) -> ImportedCurves:
    """Curves of these columns, (step, value) each."""
    arrays = {name: tuple(np.array(points, float).reshape(-1, 2).T) for name, points in columns.items()}
    return ImportedCurves("log", Path("log.csv"), arrays)  # type: ignore[arg-type]


def test_columns_of_different_steps_share_the_rows(tmp_path: Path) -> None:
    made = curves(loss=[(0, 2.0), (1, 1.5), (2, 1.0)], val_acc=[(0, 50), (2, 90)], lr=[(5, 0.1)])
    history = read_history(save_curves(tmp_path, made, guess_meanings(made)))
    assert history.column("step").tolist() == [0, 1, 2, 5]
    assert history.column("loss")[:3].tolist() == [2.0, 1.5, 1.0]
    assert np.isnan(history.column("loss")[3])
    assert history.column("held_out_error")[[0, 2]] == pytest.approx([0.5, 0.1])
    assert history.column("learning_rate")[3] == 0.1


def test_an_imported_run_is_in_every_list_without_a_net(tmp_path: Path) -> None:
    made = curves(loss=[(0, 2.0), (9, 1.0)], val_error=[(9, 0.25)])
    folder = save_curves(tmp_path, made, guess_meanings(made), "theirs", ("lecture",))
    (run,), problems = find_summaries(tmp_path)
    assert not problems
    assert (run.label, run.spec, run.info.steps, run.info.error, run.info.loss) == ("theirs", None, 10, 0.25, 1.0)
    assert read_notes(folder).tags == ("lecture",)
    for column in COLUMNS:
        assert isinstance(column.text(run), str)
        assert sort_runs([run, run], column.name, descending=True) == [run, run]
    assert filter_runs([run], "imported lecture error<30 log.csv") == [run]
    assert filter_runs([run], "depth>1 ") == []
    assert "log.csv" in run_tooltip(run)
    assert all(make([run]).headings for make in TABLES.values())
    assert "theirs" in report([run], ["theirs"], [])


def test_of_a_step_that_was_written_twice_the_later_value_stands(tmp_path: Path) -> None:
    made = curves(loss=[(0, 9.0), (0, 2.0), (1, 1.0)])
    assert read_history(save_curves(tmp_path, made, {"loss": "loss"})).column("loss").tolist() == [2.0, 1.0]


def test_of_two_columns_of_one_meaning_the_first_is_guessed() -> None:
    made = curves(loss=[(0, 1)], aux_loss=[(0, 1)], acc=[(0, 1)], train_error=[(0, 1)], speed=[(0, 1)])
    assert guess_meanings(made) == {"loss": "loss", "aux_loss": "", "acc": "accuracy", "train_error": "", "speed": ""}
    assert not is_clear(made)
    assert is_clear(curves(loss=[(0, 1)], val_loss=[(0, 1)]))


@pytest.mark.parametrize(
    ("meanings", "why"),
    [
        ({"a": ""}, "No column has a meaning"),
        ({"a": "loss", "b": "loss"}, "a and b have the same meaning"),
        ({"a": "error", "b": "accuracy"}, "a and b have the same meaning"),
        ({"a": "speed"}, "speed is not a meaning"),
        ({"nothing": "loss"}, "There is no column nothing"),
    ],
)
def test_meanings_that_make_no_run_are_refused(tmp_path: Path, meanings: dict[str, str], why: str) -> None:
    with pytest.raises(RunError, match=why):
        save_curves(tmp_path, curves(a=[(0, 1)], b=[(0, 1)]), meanings)
    assert not list(tmp_path.iterdir()), "nothing is left behind"


@pytest.mark.parametrize("step", [-1.0, 0.5, 1e300])
def test_steps_that_are_no_whole_numbers_are_refused(tmp_path: Path, step: float) -> None:
    with pytest.raises(RunError, match="whole numbers"):
        save_curves(tmp_path, curves(loss=[(step, 1)]), {"loss": "loss"})
    assert not list(tmp_path.iterdir())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(allow_nan=False, width=32)), min_size=1, max_size=30))
def test_whatever_was_imported_is_read_again(tmp_path: Path, points: list[tuple[int, float]]) -> None:
    points.sort(key=lambda point: point[0])
    made = curves(loss=points)  # type: ignore[arg-type]
    history = read_history(save_curves(tmp_path, made, {"loss": "loss"}))
    last = dict(points)
    assert dict(zip(history.column("step").tolist(), history.column("loss").tolist(), strict=True)) == last


def test_the_command_imports_and_says_what_it_left_out(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("step,xent,speed,val/acc\n" + "".join(f"{n},{2 - n / 10},{n},{n / 10}\n" for n in range(10)))
    done = resviz(
        "import", str(file), "--means", "xent=loss", "--tags", "a,b", "--out", str(tmp_path), "--json", check=True
    )
    assert "left out" in done.stderr
    assert "speed" in done.stderr
    (run,), _problems = find_summaries(tmp_path)
    assert json.loads(done.stdout)["runs"][0]["id"] == run.info.id
    assert run.info.loss == pytest.approx(1.1)
    assert run.notes.tags == ("a", "b")
    assert resviz("runs", "--folder", str(tmp_path), check=True).stdout.count("imported") == 1
    exported = tmp_path / "out.csv"
    resviz("export", str(run.folder), "--to", "csv", "--out", str(exported), check=True)
    assert "held_out_error" in exported.read_text().splitlines()[0]
    refused = resviz("resume", str(run.folder))
    assert refused.returncode == 2
    assert "no net" in refused.stderr
    wrong = resviz("import", str(file), "--means", "xent", "--out", str(tmp_path))
    assert wrong.returncode == 2
    assert "COLUMN=MEANING" in wrong.stderr


def test_a_file_that_says_what_its_columns_are_is_clear(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("epoch,train/loss,val/loss,val/accuracy,lr\n0,2,2.1,10,0.1\n1,1,1.1,60,0.1\n")
    assert is_clear(read_curves(file))


def test_the_share_that_was_read_grows_to_the_whole_and_stopping_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("step,loss\n" + "".join(f"{i},{i}\n" for i in range(20_000)), encoding="utf-8")
    shares: list[float] = []

    def note(share: float) -> bool:
        shares.append(share)
        return True

    curves = read_curves(path, note)
    assert len(curves.columns["loss"][0]) == 20_000
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1
    with pytest.raises(RunError, match="stopped"):
        read_curves(path, lambda share: share < 0.5)
