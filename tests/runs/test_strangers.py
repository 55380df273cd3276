"""What fuzzing has found: files that no run of ours has, which once were more than a reader could refuse in a line."""

import os
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from resviz.base.clean_text import clean_text
from resviz.base.errors import RunError
from resviz.results.columns import require_column
from resviz.results.summary import find_summaries
from resviz.runs.folder import RunFolder, RunWriter
from tests.helpers.written_runs import begin, change_json


def with_rows(root: Path, content: bytes) -> RunFolder:
    """A run with a segment of this content, and a sum that vouches for it."""
    writer = begin(root)
    writer.finish("stopped")
    (writer.folder / "metrics-0000.arrows").write_bytes(content)
    (writer.folder / "metrics-0000.crc32").write_bytes(b"%d %08x\n" % (len(content), zlib.crc32(content)))
    return RunFolder(writer.folder)


def stream(**columns: object) -> bytes:
    batch = pa.RecordBatch.from_pydict(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def test_a_column_whose_name_is_no_text(tmp_path: Path) -> None:
    content = stream(step=[0, 1], abcdefgh=[0.5, 0.5])
    run = with_rows(tmp_path, content.replace(b"abcdefgh", b"abcd\x9defg"))
    with pytest.raises(RunError, match="the rows can't be read"):
        run.rows()


def test_lists_that_are_said_to_be_longer_than_they_are(tmp_path: Path) -> None:
    values = pa.array(np.zeros(12, np.float32))
    column = pa.FixedSizeListArray.from_arrays(values, 4)
    content = stream(step=pa.array([0, 1, 2]), response=column)
    # The size of a list, as the schema has it: little-endian, once.
    changed = content.replace((4).to_bytes(4, "little") + b"\x00\x00", (687866236).to_bytes(4, "little") + b"\x00\x00")
    assert changed != content
    run = with_rows(tmp_path, changed)
    with pytest.raises(RunError, match="the rows can't be read"):
        run.rows()


@pytest.mark.parametrize("name", ["loss", "held_out_error"])
def test_lists_in_the_place_of_a_number_a_step(tmp_path: Path, name: str) -> None:
    column = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(6)), 2)
    with pytest.raises(RunError, match="has lists instead of a number"):
        with_rows(tmp_path, stream(step=pa.array([0, 1, 2]), **{name: column})).rows()


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    content = stream(step=[0, 1], abcd=[0.5, 0.5], efgh=[0.5, 0.5]).replace(b"efgh", b"abcd")
    with pytest.raises(RunError, match="two columns have the same name"):
        with_rows(tmp_path, content).rows()


def test_a_time_before_all_time_hides_no_run(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    change_json(writer.folder / "run.json", created="0001-01-01T00:00:00+14:00")
    (run,), problems = find_summaries(tmp_path)
    assert not problems
    assert require_column("begun").text(run) == "0001-01-01T00:00:00+14:00"


@pytest.mark.skipif(os.name == "nt", reason="links are for a privileged few there")
def test_going_on_with_a_run_writes_through_no_link(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("stopped")
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (writer.folder / "events.jsonl").unlink()
    (writer.folder / "events.jsonl").symlink_to(outside)
    with pytest.raises(RunError):
        RunWriter.resumed(writer.folder, {})
    assert outside.read_text() == "mine"


def test_a_table_steers_no_terminal() -> None:
    assert clean_text("\x1b]0;mine\x07 268\u202f058\n") == "\ufffd]0;mine\ufffd 268\u202f058\n"
