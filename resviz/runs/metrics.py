"""The rows of a run as Arrow IPC streams: metrics-0000.arrows, a segment a session, a row a step, a CRC-32 a row.

A row is the step (int64), each scalar (float64) and each quantity (a fixed-size list of float32, a value a weight
layer); its CRC-32 is over these bytes, little-endian, in the schema's order. A stream that was cut off anywhere reads
as the whole batches before the cut, and a row whose bytes have changed ends what is read.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

Rows = dict[str, np.ndarray]
"""Column name to array: "step" (step,) int64; scalars (step,) float64; quantities (step, layer) float32."""

_CRC = "crc32"
_COPY_OUT_CHUNK = 4096


class MetricsWriter:
    """Appends rows to a new segment. The schema is that of the first rows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._stream: pa.RecordBatchStreamWriter | None = None

    def append(self, rows: Mapping[str, np.ndarray]) -> None:
        """Writes the rows and hands them to the operating system, so that a killed program has not lost them.

        Raises OSError where the disk is full or the folder is gone.
        """
        if not len(rows["step"]):
            return
        arrays = {name: _column(values) for name, values in rows.items()}
        arrays[_CRC] = pa.array(_checksums(rows), pa.uint32())
        batch = pa.record_batch(list(arrays.values()), names=list(arrays))
        if self._stream is None:
            # Unbuffered: what is written is the operating system's at once.
            self._file = self._path.open("xb", buffering=0)
            self._stream = pa.ipc.new_stream(self._file, batch.schema)
        self._stream.write_batch(batch)

    def close(self) -> None:
        if self._stream is not None and self._file is not None:
            self._stream.close()
            self._file.close()
            self._stream = self._file = None


def read(folder: Path) -> Rows:
    """All whole rows of a run's segments, in order of step; where a resumed segment repeats a step, the later holds.

    Returns {} for a run that has none.
    """
    rows: Rows = {}
    for path in sorted(folder.glob("metrics-[0-9][0-9][0-9][0-9].arrows")):
        later = _read_segment(path)
        if not later:
            continue
        if rows and rows.keys() == later.keys() and _same_layers(rows, later):
            kept = rows["step"] < later["step"][0]
            rows = {name: np.concatenate([values[kept], later[name]]) for name, values in rows.items()}
        else:
            rows = later
    return rows


def _same_layers(rows: Rows, later: Rows) -> bool:
    return all(values.shape[1:] == later[name].shape[1:] for name, values in rows.items())


def _read_segment(path: Path) -> Rows:
    batches: list[pa.RecordBatch] = []
    try:
        with path.open("rb") as file, pa.ipc.open_stream(file) as stream:
            batches.extend(stream)
    except (pa.ArrowException, OSError, EOFError):
        # Cut off: the batches before the cut are whole.
        pass
    if not batches:
        return {}
    table = pa.Table.from_batches(batches)
    rows = {name: _array(table.column(name)) for name in table.column_names if name != _CRC}
    bad = np.flatnonzero(_checksums(rows) != table.column(_CRC).to_numpy())
    whole = int(bad[0]) if len(bad) else table.num_rows
    return {name: values[:whole] for name, values in rows.items()} if whole else {}


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
    return np.concatenate(parts).reshape(len(column), column.type.list_size)


def _checksums(rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """CRC-32 of each row's bytes: uint32 (step,)."""
    sums = np.empty(len(rows["step"]), np.uint32)
    for start in range(0, len(sums), _COPY_OUT_CHUNK):
        part = slice(start, start + _COPY_OUT_CHUNK)
        columns = [np.ascontiguousarray(values[part]) for values in rows.values()]
        little = [column.astype(column.dtype.newbyteorder("<"), copy=False) for column in columns]
        block = np.concatenate([column.view(np.uint8).reshape(len(column), -1) for column in little], axis=1)
        sums[part] = [zlib.crc32(row) for row in block]
    return sums
