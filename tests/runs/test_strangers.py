"""What fuzzing has found: files that no run of ours has, which once were more than a reader could refuse in a line."""

import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from resviz.runs.folder import Run
from resviz.runs.records import RunError
from tests.runs.test_folder import begin


def with_rows(root: Path, content: bytes) -> Run:
    """A run with a segment of this content, and a sum that vouches for it."""
    writer = begin(root)
    writer.finish("stopped")
    (writer.folder / "metrics-0000.arrows").write_bytes(content)
    (writer.folder / "metrics-0000.crc32").write_bytes(b"%d %08x\n" % (len(content), zlib.crc32(content)))
    return Run(writer.folder)


def stream(**columns: object) -> bytes:
    batch = pa.RecordBatch.from_pydict(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def test_a_column_whose_name_is_no_text(tmp_path: Path) -> None:
    content = stream(step=[0, 1], abcdefgh=[0.5, 0.5])
    run = with_rows(tmp_path, content.replace(b"abcdefgh", b"abcd\x9defg"))
    with pytest.raises(RunError, match="its rows can't be read"):
        run.rows()


def test_lists_that_are_said_to_be_longer_than_they_are(tmp_path: Path) -> None:
    values = pa.array(np.zeros(12, np.float32))
    column = pa.FixedSizeListArray.from_arrays(values, 4)
    content = stream(step=pa.array([0, 1, 2]), response=column)
    # The size of a list, as the schema has it: little-endian, once.
    changed = content.replace((4).to_bytes(4, "little") + b"\x00\x00", (687866236).to_bytes(4, "little") + b"\x00\x00")
    assert changed != content
    run = with_rows(tmp_path, changed)
    with pytest.raises(RunError, match="its rows can't be read"):
        run.rows()
