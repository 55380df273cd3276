"""Logs of other programs: files that Weights & Biases 0.31 and Trackio 0.43 have written, and damaged ones."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.base.errors import RunError
from resviz.runs.curve_import import ImportedCurves, guess_scalar, read_curves
from resviz.runs.curve_kinds import has_curves, logger_of
from resviz.runs.wandb_files import wandb_scalars
from tests.helpers.command_line import resviz

LOGS = Path(__file__).parent / "logs"
WANDB, TRACKIO = LOGS / "run-offline.wandb", LOGS / "trackio.db"


def test_a_run_of_weights_and_biases_has_the_numbers_that_were_logged() -> None:
    curves = read_curves(WANDB)
    assert set(curves.columns) == {"train/loss", "val/accuracy", "nested/a"}, "texts and their own columns are none"
    steps, values = curves.columns["train/loss"]
    np.testing.assert_array_equal(steps, np.arange(30))
    np.testing.assert_allclose(values, 1 / (1 + np.arange(30)))
    assert list(curves.columns["val/accuracy"][0]) == [0, 10, 20]
    assert guess_scalar("val/accuracy") == "held_out_accuracy"


def test_a_folder_of_weights_and_biases_is_read_by_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "offline-run-1"
    folder.mkdir()
    (folder / "run-1.wandb").write_bytes(WANDB.read_bytes())
    assert has_curves(folder)
    assert read_curves(folder).name == "offline-run-1"


def test_the_runs_of_a_project_of_trackio_are_columns() -> None:
    curves = read_curves(TRACKIO)
    assert set(curves.columns) == {"a/train/loss", "a/val/accuracy", "b/train/loss", "b/val/accuracy"}
    steps, values = curves.columns["b/val/accuracy"]
    np.testing.assert_array_equal(steps, np.arange(20))
    np.testing.assert_allclose(values, np.arange(20) / 20)
    assert curves.name == "trackio"


def test_a_log_becomes_a_run() -> None:
    done = resviz("import", str(WANDB))
    assert done.returncode == 0, done.stderr
    assert "run-offline" in resviz("runs").stdout or "logs" in resviz("runs").stdout


@pytest.mark.parametrize("path", [WANDB, TRACKIO])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_log_is_read_in_part_or_refused(path: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _change in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    damaged = tmp_path / path.name
    damaged.write_bytes(content)
    try:
        curves = read_curves(damaged)
    except RunError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(curves, ImportedCurves)


def record(content: bytes) -> bytes:
    return struct.pack("<IHB", zlib.crc32(content, zlib.crc32(b"\1")), len(content), 1) + content


def test_a_changed_record_ends_the_reading_there(tmp_path: Path) -> None:
    content = bytearray(WANDB.read_bytes())
    whole = len(list(wandb_scalars(WANDB)))
    content[len(content) // 2] ^= 1
    path = tmp_path / "run.wandb"
    path.write_bytes(content)
    assert 0 < len(list(wandb_scalars(path))) < whole


def test_records_go_on_over_the_end_of_a_block(tmp_path: Path) -> None:
    """As LevelDB cuts them: no piece crosses a border, and what is too short for a piece's head is left empty."""
    start, first = WANDB.read_bytes()[:7], next(iter(wandb_scalars(WANDB)))
    (size,) = struct.unpack_from("<H", WANDB.read_bytes(), 7 + 4)
    one = WANDB.read_bytes()[14 : 14 + size]
    content = bytearray(start)
    while 32_768 - len(content) % 32_768 > 7 + len(one) + 20:
        content += record(one)
    left = 32_768 - len(content) - 7
    for kind, part in ((2, one[:left]), (4, one[left:])):
        content += struct.pack("<IHB", zlib.crc32(part, zlib.crc32(bytes([kind]))), len(part), kind) + part
    path = tmp_path / "run.wandb"
    path.write_bytes(content)
    found = [value for _at, tag, _step, value in wandb_scalars(path) if tag == first[1]]
    assert found == [first[3]] * (content.count(one[:20]))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.wandb", b"nothing", "there are no scalars in it"),
        ("x.db", b"nothing at all that is a database", "is not a project of Trackio"),
        ("x.db", b"", "is not a project of Trackio"),
    ],
)
def test_what_is_no_log_is_one_line(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert logger_of(path)
    with pytest.raises(RunError, match=says):
        read_curves(path)


def test_a_database_of_something_else_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metrics (id INTEGER, value TEXT)")
    file.close()
    with pytest.raises(RunError, match="is not a project of Trackio: no such column: run_name"):
        read_curves(path)
