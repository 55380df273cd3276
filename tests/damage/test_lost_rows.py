"""Rows that can't be read are left out, and every view of the run says how many are missing."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.report_figures import read_scene, write_report
from resviz.results.columns import require_column
from resviz.results.summary import read_summary
from resviz.runs import metrics
from resviz.runs.folder import RunFolder
from resviz.runs.run_export import lost_in_export, to_csv
from resviz.runs.run_history import read_history
from tests.helpers.command_line import resviz
from tests.helpers.compare_page import compare as compare
from tests.helpers.compare_page import refresh, settle, show_only
from tests.helpers.written_runs import begin, some_rows

STEPS, EACH = 40, 4


def ended(root: Path, **result: object) -> Path:
    """A run of 40 steps, written four at a time."""
    writer = begin(root)
    for first in range(0, STEPS, EACH):
        writer.append(some_rows(first, EACH))
    writer.finish("finished", **result)
    return writer.folder


def cut_rows(folder: Path, batches: int) -> None:
    """Cut a run's rows behind so many batches, in both files."""
    sums = folder / "metrics-0000.crc32"
    lines = sums.read_bytes().splitlines(keepends=True)[:batches]
    sums.write_bytes(b"".join(lines))
    end = int(lines[-1].split()[0])
    rows = folder / "metrics-0000.arrows"
    rows.write_bytes(rows.read_bytes()[:end])


def steps(folder: Path) -> list[int]:
    found: list[int] = metrics.read(folder)["step"].tolist()
    return found


@pytest.mark.parametrize("batches", [1, 5, 9])
def test_cut_rows_are_said_in_list_export_and_report(tmp_path: Path, batches: int) -> None:
    folder = ended(tmp_path)
    assert "lost" not in require_column("state").text(read_summary(folder))
    assert lost_in_export(RunFolder(folder)) == ""
    cut_rows(folder, batches)
    lost = STEPS - EACH * batches
    assert require_column("state").text(read_summary(folder)) == f"finished, {lost} steps lost"
    said = f"{lost} of 40 steps can't be read"
    assert said in lost_in_export(RunFolder(folder))
    exported = resviz("export", str(folder), "--to", "csv", "--out", str(tmp_path / "out.csv"), check=True)
    assert said in exported.stderr
    assert f"finished, {lost} steps lost" in resviz("runs", "--folder", str(tmp_path), check=True).stdout


def test_compare_and_its_report_say_what_is_missing(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)
    cut_rows(folder, 5)
    refresh(qtbot, compare)
    show_only(qtbot, compare, folder)
    settle(qtbot, compare)
    assert "20 of 40 steps can't be read" in compare.view.browser.problem.text()
    assert "20 of 40 steps can&#39;t be read" in write_report(compare.display.scene())
    assert "20 of 40 steps can&#39;t be read" in write_report(read_scene([folder]))


def test_a_run_that_is_killed_or_running_says_how_far_it_is_and_nothing_else(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 8))
    assert require_column("state").text(read_summary(writer.folder)) == "running"
    writer.finish("stopped")
    assert require_column("state").text(read_summary(writer.folder)) == "stopped"


@pytest.mark.parametrize("line", [0, 3, 9])
def test_one_changed_byte_of_the_checksums_empties_no_run(tmp_path: Path, line: int) -> None:
    folder = ended(tmp_path)
    path = folder / "metrics-0000.crc32"
    lines = path.read_bytes().splitlines(keepends=True)
    digit = lines[line][-3:-2]
    lines[line] = lines[line][:-3] + (b"0" if digit != b"0" else b"1") + lines[line][-2:]
    path.write_bytes(b"".join(lines))
    assert steps(folder) == list(range(STEPS)), "seven digits vouch for the rows"


def test_a_damaged_batch_costs_its_own_rows_only(tmp_path: Path) -> None:
    folder = ended(tmp_path)
    path = folder / "metrics-0000.arrows"
    ends = [int(line.split()[0]) for line in (folder / "metrics-0000.crc32").read_bytes().splitlines()]
    content = bytearray(path.read_bytes())
    content[ends[4] - 5] ^= 0xFF
    path.write_bytes(content)
    assert steps(folder) == [*range(16), *range(20, 40)]
    assert "4 of 40 steps" in lost_in_export(RunFolder(folder))
    assert read_history(folder).count == 36


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["metrics-0000.arrows", "metrics-0000.crc32"]))
def test_whatever_is_changed_no_row_has_other_numbers(tmp_path: Path, data: st.DataObject, name: str) -> None:
    known = next(iter(tmp_path.glob("*/run.json")), None)
    folder = known.parent if known else ended(tmp_path)
    path, whole, right = folder / name, (folder / name).read_bytes(), metrics.read(folder)
    changed = bytearray(whole)
    for _change in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(changed[: data.draw(st.sampled_from([len(whole), len(whole) // 2]))])
    try:
        found = metrics.read(folder)
        for row, step in enumerate(found["step"].tolist() if found else []):
            for column, values in found.items():
                assert np.array_equal(values[row], right[column][step], equal_nan=True)
    finally:
        path.write_bytes(whole)


def test_the_final_error_is_in_every_export_with_its_step(tmp_path: Path) -> None:
    folder = ended(tmp_path / "runs", error=0.125, error_step=STEPS)
    rows = list(csv.DictReader(io.StringIO(to_csv(RunFolder(folder)).decode())))
    assert (rows[-1]["step"], rows[-1]["held_out_error"], rows[-1]["loss"]) == ("40", "0.125", "")
    assert len(rows) == STEPS + 1
    out = tmp_path / "run.parquet"
    resviz("export", str(folder), "--to", "parquet", "--out", str(out), check=True)
    from pyarrow import parquet

    table = parquet.read_table(out)
    assert table.column("held_out_error").to_pylist()[-1] == 0.125
    assert b'"error":0.125' in table.schema.metadata[b"resviz"]
    assert b'"error_step":40' in table.schema.metadata[b"resviz"]
    resviz("export", str(folder), "--to", "tensorboard", "--out", str(tmp_path / "tb"), check=True)
    from resviz.runs.curve_import import read_curves

    (logged,) = (tmp_path / "tb").iterdir()
    x, y = read_curves(logged).columns["held_out_error"]
    assert (x[-1], y[-1]) == (STEPS, 0.125)


def test_an_error_that_is_in_the_rows_already_gets_no_second_row(tmp_path: Path) -> None:
    folder = ended(tmp_path, error=0.5, error_step=STEPS - 1)
    assert len(to_csv(RunFolder(folder)).splitlines()) == STEPS + 1
