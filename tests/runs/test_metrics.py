"""Rows on disk: what was written is read, a cut file is a clean prefix, a changed row is no row."""

import contextlib
import zlib
from io import FileIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.measurements.rows import Rows
from resviz.runs import metrics
from resviz.runs.metrics import MetricsWriter
from tests.helpers.written_runs import some_rows


def write(path: Path, *parts: Rows) -> None:
    writer = MetricsWriter(path)
    for rows in parts:
        writer.append(rows)
    writer.close()


def equal(a: Rows, b: Rows) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_read_back_equal(tmp_path_factory: pytest.TempPathFactory, counts: list[int]) -> None:
    folder = tmp_path_factory.mktemp("run")
    starts = np.cumsum([0, *counts])
    parts = [some_rows(int(start), count) for start, count in zip(starts, counts, strict=False)]
    write(folder / "metrics-0000.arrows", *parts)
    read = metrics.read(folder)
    if not sum(counts):
        assert read == {}
    else:
        assert equal(read, {name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def test_rows_can_be_read_while_they_are_written(tmp_path: Path) -> None:
    writer = MetricsWriter(tmp_path / "metrics-0000.arrows")
    writer.append(some_rows(0, 3))
    assert len(metrics.read(tmp_path)["step"]) == 3
    writer.append(some_rows(3, 2))
    assert metrics.read(tmp_path)["step"].tolist() == [0, 1, 2, 3, 4]
    writer.close()


def test_a_file_cut_at_any_byte_is_a_clean_prefix(tmp_path: Path) -> None:
    path = tmp_path / "metrics-0000.arrows"
    parts = [some_rows(0, 2), some_rows(2, 1), some_rows(3, 4)]
    write(path, *parts)
    whole, content = metrics.read(tmp_path), path.read_bytes()
    seen = set()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        rows = metrics.read(tmp_path)
        count = len(rows["step"]) if rows else 0
        assert count in (0, 2, 3, 7)
        assert not count or equal(rows, {name: values[:count] for name, values in whole.items()})
        seen.add(count)
    assert seen == {0, 2, 3, 7}


@pytest.mark.parametrize("file", ["metrics-0000.arrows", "metrics-0000.crc32"])
def test_a_changed_bit_anywhere_gives_no_wrong_number_and_no_crash(tmp_path: Path, file: str) -> None:
    write(tmp_path / "metrics-0000.arrows", some_rows(0, 4), some_rows(4, 4))
    whole, content = metrics.read(tmp_path), (tmp_path / file).read_bytes()
    for place in range(0, len(content), 3):
        broken = bytearray(content)
        broken[place] ^= 1 << (place % 8)
        (tmp_path / file).write_bytes(bytes(broken))
        rows = metrics.read(tmp_path)
        count = len(rows["step"]) if rows else 0
        assert count in (0, 4, 8)
        assert not count or equal(rows, {name: values[:count] for name, values in whole.items()})


def test_ten_thousand_random_bit_flips_give_no_wrong_number(tmp_path: Path) -> None:
    write(tmp_path / "metrics-0000.arrows", *(some_rows(start, 3) for start in range(0, 12, 3)))
    right = metrics.read(tmp_path)
    random = np.random.default_rng(0)
    with contextlib.ExitStack() as opened:
        files = [opened.enter_context(path.open("r+b", buffering=0)) for path in sorted(tmp_path.iterdir())]
        contents = [file.read() for file in files]
        for _ in range(10_000):
            number = int(random.integers(len(files)))
            for bit in random.integers(8 * len(contents[number]), size=int(random.integers(1, 4))):
                _write(files[number], int(bit) // 8, bytes([contents[number][bit // 8] ^ 1 << (int(bit) % 8)]))
            found = metrics.read(tmp_path)
            assert not found or equal(found, {name: right[name][found["step"]] for name in right})
            _write(files[number], 0, contents[number])


def _write(file: FileIO, at: int, content: bytes) -> None:
    file.seek(at)
    file.write(content)


def test_other_programs_read_a_segment_as_an_arrow_stream(tmp_path: Path) -> None:
    write(tmp_path / "metrics-0000.arrows", some_rows(0, 4), some_rows(4, 4))
    table = pa.ipc.open_stream((tmp_path / "metrics-0000.arrows").read_bytes()).read_all()
    assert table.num_rows == 8
    assert table.column_names == list(some_rows(0, 1))


def test_a_resumed_segment_takes_the_place_of_the_steps_it_repeats(tmp_path: Path) -> None:
    write(tmp_path / "metrics-0000.arrows", some_rows(0, 10))
    write(tmp_path / "metrics-0001.arrows", some_rows(6, 10))
    rows = metrics.read(tmp_path)
    assert rows["step"].tolist() == list(range(16))
    assert rows["loss"][6] == some_rows(6, 10)["loss"][0]


def test_a_segment_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "metrics-0000.arrows", some_rows(0, 2))
    with pytest.raises(FileExistsError):
        write(tmp_path / "metrics-0000.arrows", some_rows(0, 2))


@pytest.mark.parametrize(
    "columns",
    [
        {"loss": pa.array([1.0])},
        {"step": pa.array(["zero"])},
        {"step": pa.array([None], pa.int64())},
        {"step": pa.array([0]), "loss": pa.array(["low"])},
        {"step": pa.array([0]), "loss": pa.array([None], pa.float64())},
    ],
)
def test_a_strangers_table_is_refused_by_what_is_wrong_with_it(columns: dict[str, pa.Array], tmp_path: Path) -> None:
    """Sound by its sums, and not what a run of ours writes."""
    batch = pa.record_batch(list(columns.values()), names=list(columns))
    path = tmp_path / "metrics-0000.arrows"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    content = path.read_bytes()
    path.with_suffix(".crc32").write_bytes(f"{len(content)} {zlib.crc32(content):08x}\n".encode())
    with pytest.raises(pa.ArrowInvalid, match="column"):
        metrics.read(tmp_path)
