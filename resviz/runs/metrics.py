"""The rows of a run as Arrow IPC streams: metrics-0000.arrows, a segment a session, a row a step.

A row is the step (int64), each scalar (float64) and each quantity (a fixed-size list of float32, a value a layer).
Beside each segment lies metrics-0000.crc32: a line for each batch of rows, the offset of its end and the CRC-32 of its
bytes. Only bytes that these lines vouch for are shown to Arrow, which is not made for damaged files; so of a segment
cut off or changed anywhere the batches are left out that the damage is in.
"""

from __future__ import annotations

import errno
import os
import zlib
from typing import IO, TYPE_CHECKING

import numpy as np
import pyarrow as pa

from resviz.base.translation import _
from resviz.base.untrusted_files import opened
from resviz.measurements.scalars import SCALARS
from resviz.runs.arrow_sizes import decoded_size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from resviz.measurements.rows import Rows


MAX_DECODED = 4_000_000_000
"""Bytes of memory that the rows of a segment may take: ten times those of the longest run that was measured."""
_END_MARK = 8
"""Bytes behind the last batch with which Arrow marks the end of a stream."""


class MetricsWriter:
    """Appends rows to a new segment. The schema is that of the first rows.

    Rows that can't be written are kept, and written before the next ones: see `flush`.
    """

    def __init__(self, path: Path, compression: str | None = None) -> None:
        """Prepare a file. `compression` is "zstd" or "lz4" for smaller files that take longer to write."""
        self._path = path
        self._options = pa.ipc.IpcWriteOptions(compression=compression)
        self._file: IO[bytes] | None = None
        self._sums: IO[bytes] | None = None
        self._sink = _Chunk()
        self._stream: pa.RecordBatchStreamWriter | None = None
        self._end = self._sums_end = 0
        self._waiting: list[bytes] = []

    def append(self, rows: Mapping[str, np.ndarray]) -> None:
        """Write the rows and hands them to the operating system, so that a killed program has not lost them.

        Raise OSError if the disk is full or the folder is gone; the rows wait then.
        """
        if not len(rows["step"]):
            return
        batch = pa.record_batch([_column(values) for values in rows.values()], names=list(rows))
        if self._stream is None:
            self._stream = pa.ipc.new_stream(self._sink, batch.schema, options=self._options)
        self._stream.write_batch(batch)
        self._waiting.append(self._sink.take())
        self.flush()

    def flush(self) -> None:
        """Write what waits, over what was left of a try that failed. Raise OSError if it fails again."""
        while self._waiting:
            if self._file is None:
                # Unbuffered: what is written is the operating system's at once.
                self._file = self._path.open("xb", buffering=0)
            if self._sums is None:
                self._sums = self._path.with_suffix(".crc32").open("xb", buffering=0)
            if not self._path.exists():  # what is written into a deleted file is lost without a word
                raise FileNotFoundError(errno.ENOENT, _("the folder of the run is gone"), str(self._path.parent))
            chunk = self._waiting[0]
            self._end = _write_at(self._file, self._end, chunk)
            try:
                line = b"%d %s\n" % (self._end, _crc32(chunk))
                self._sums_end = _write_at(self._sums, self._sums_end, line)
            except OSError:
                self._end -= len(chunk)  # nobody vouches for it: it is written again
                raise
            del self._waiting[0]

    def close(self) -> None:
        """Raise OSError where rows wait that can't be written."""
        if self._stream is None:
            return
        self.flush()
        stream, self._stream = self._stream, None
        file, sums, self._file, self._sums = self._file, self._sums, None, None
        if file is not None and sums is not None:
            with file, sums:
                stream.close()
                _write_at(file, self._end, self._sink.take())  # Arrow's mark of the end, for other readers

    def abandon(self) -> None:
        """Close the files as they are."""
        for file in (self._file, self._sums):
            if file is not None:
                file.close()
        self._file = self._sums = self._stream = None


class _Chunk:
    """A file for Arrow to write into, whose content is taken out batch by batch."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        content = b"".join(self._parts)
        self._parts.clear()
        return content

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def _write_at(file: IO[bytes], end: int, data: bytes) -> int:
    """Write behind the first `end` bytes, whatever stands there, and returns where that ends.

    An unbuffered file may take a part of what it is given; on a full disk it raises OSError only at the next.
    """
    file.seek(end)
    file.truncate(end)
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
    return end + len(data)


def read(folder: Path) -> Rows:
    """Return the rows of all segments, sorted by step, up to the first damage in each. Return {} if there are none.

    If a resumed segment repeats a step, its row replaces the earlier one. Raise OSError for a file that can't be read.
    """
    rows: Rows = {}
    for path in _segments(folder):
        later = _read_segment(path)
        if later and rows and _same_columns(rows, later):
            kept = rows["step"] < later["step"][0]
            rows = {name: np.concatenate([values[kept], later[name]]) for name, values in rows.items()}
        else:
            rows = rows or later
    return rows


def rewrite(folder: Path, every: int = 1) -> int:
    """Put the rows of an ended run into one small segment: one in `every`, and the last. Return how many are left out.

    Then the run's `left_out` must be increased by as many, or its steps count as lost.
    """
    rows = read(folder)
    count = len(rows["step"])
    kept = sorted({*range(0, count, every), count - 1}) if every > 1 else range(count)
    if len(kept) < count:
        rows = {name: values[kept] for name, values in rows.items()}
    new = folder / "rewritten.arrows"
    writer = MetricsWriter(new, "zstd")
    writer.append(rows)
    writer.close()
    for path in _segments(folder):
        path.unlink()
        path.with_suffix(".crc32").unlink()
    for path in (new, new.with_suffix(".crc32")):
        path.rename(path.with_stem("metrics-0000"))
    return count - len(kept)


def read_last(folder: Path) -> Rows:
    """Return the rows that were written last, without reading the others. Return {} if there are none.

    Only these rows are checked. Raise OSError for a file that can't be read, and ArrowException for one that no run
    wrote.
    """
    for path in reversed(_segments(folder)):
        ends = _ends(path)
        if not ends:
            continue
        with opened(path) as file:
            first = _part(file, 0, *ends[0])  # the schema is in it
            last = _part(file, ends[-2][0], *ends[-1]) if len(ends) > 1 else b""
        if first is None or last is None:
            return read(folder)
        return _decoded(first + last, batches=1)
    return {}


def next_segment(folder: Path) -> Path:
    """Return where the rows of a further sitting go."""
    number = 1 + max((int(path.stem.removeprefix("metrics-")) for path in _segments(folder)), default=-1)
    return folder / f"metrics-{number:04}.arrows"


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("metrics-[0-9][0-9][0-9][0-9].arrows"))


def _same_columns(rows: Rows, later: Rows) -> bool:
    return rows.keys() == later.keys() and all(
        values.shape[1:] == later[name].shape[1:] for name, values in rows.items()
    )


def _read_segment(path: Path) -> Rows:
    content = _vouched_for(path)
    return _decoded(content) if content else {}


def _decoded(content: bytes | memoryview, batches: int = 0) -> Rows:
    """Return the rows of a stream, or of its last so many batches.

    Raise ArrowException for a stream that no run has written.
    """
    try:
        if decoded_size(content) > MAX_DECODED:
            raise pa.ArrowInvalid(_("they would take more than {most} bytes of memory").format(most=MAX_DECODED))
        with pa.ipc.open_stream(pa.BufferReader(content)) as stream:
            table = pa.Table.from_batches(list(stream)[-batches:], stream.schema)
        table.validate()
        _require_numbers(table)
        return {name: _array(table.column(name)) for name in table.column_names} if table.num_rows else {}
    except (ValueError, OverflowError) as error:  # a name that is no text, lists of another length than they say
        raise pa.ArrowInvalid(str(error)) from None


def _require_numbers(table: pa.Table) -> None:
    """Raise ArrowInvalid for columns that no run of ours has written."""
    if "step" not in table.column_names or table.schema.field("step").type != pa.int64():
        raise pa.ArrowInvalid(_("there is no column of steps"))
    if len(set(table.column_names)) < len(table.column_names):
        raise pa.ArrowInvalid(_("two columns have the same name"))
    lists = [name for name in SCALARS if name in table.column_names and _is_list(table.schema.field(name).type)]
    if lists:
        raise pa.ArrowInvalid(
            _("column {name} has lists instead of a number for each step").format(name=repr(lists[0]))
        )
    for field in table.schema:
        value = field.type.value_type if pa.types.is_fixed_size_list(field.type) else field.type
        if not (pa.types.is_floating(value) or field.name == "step") or table.column(field.name).null_count:
            raise pa.ArrowInvalid(
                _("column {name} has the type {type}, not numbers").format(name=repr(field.name), type=field.type)
            )


def is_complete(folder: Path) -> bool:
    """Return whether the last segment of an ended run ends where its checksums and Arrow's mark of the end say."""
    segments = _segments(folder)
    if not segments:
        return False
    ends = _ends(segments[-1])
    try:
        return bool(ends) and segments[-1].stat().st_size == ends[-1][0] + _END_MARK
    except OSError:
        return False


def _vouched_for(path: Path) -> memoryview | bytes:
    """Return the batches whose checksums are right. The first has the schema: without it there is nothing to read."""
    with opened(path) as file:
        content = memoryview(file.read())
    kept: list[memoryview] = []
    start = 0
    for end, crc in _ends(path):
        if end > len(content):
            break
        if _vouches(crc, content[start:end]):
            kept.append(content[start:end])
        elif not kept:
            return b""
        start = end
    if sum(map(len, kept)) == start:  # nothing is left out: a copy of a large run would take as long as to read it
        return content[:start]
    return b"".join(kept)


def _ends(path: Path) -> list[tuple[int, bytes]]:
    """Of a segment's batches where each ends, and its CRC-32, as far as the lines make sense."""
    sums = path.with_suffix(".crc32")
    found: list[tuple[int, bytes]] = []
    if not sums.exists():
        return found
    with opened(sums) as file:
        lines = file.read().splitlines()
    for line in lines:
        end, _, crc = line.partition(b" ")
        if not end.isdigit() or len(end) > 18 or int(end) <= (found[-1][0] if found else 0):
            break
        found.append((int(end), crc))
    return found


def _vouches(crc: bytes, content: memoryview | bytes) -> bool:
    """Return whether a checksum is that of the content, or was, before one of its eight digits was damaged."""
    right = _crc32(content)
    return len(crc) == len(right) and sum(a != b for a, b in zip(crc, right, strict=True)) <= 1


def _part(file: IO[bytes], start: int, end: int, crc: bytes) -> bytes | None:
    """Return the bytes from start to end; None where they are not those that were written."""
    if end > os.fstat(file.fileno()).st_size:
        return None
    file.seek(start)
    content = file.read(end - start)
    return content if len(content) == end - start and _vouches(crc, content) else None


def _crc32(content: bytes | memoryview) -> bytes:
    return f"{zlib.crc32(content):08x}".encode()


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_fixed_size_list(kind))


def _column(values: np.ndarray) -> pa.Array:
    if values.ndim == 1:
        return pa.array(values)
    flat = pa.array(np.ascontiguousarray(values).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])


def _array(column: pa.ChunkedArray) -> np.ndarray:
    if not pa.types.is_fixed_size_list(column.type):
        values: np.ndarray = column.to_numpy()
        return values
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return whole.reshape(len(column), column.type.list_size)
