"""A small file can't make the program take much memory: what it claims is bounded before anything is made of it."""

import contextlib
import gzip
import io
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from resviz.base.errors import DataError, NetError, RunError
from resviz.nets import catalogue
from resviz.nets.spec import from_toml
from resviz.runs import curve_import, metrics
from resviz.runs.arrow_sizes import StreamError, decoded_size
from resviz.runs.curve_import import read_curves
from resviz.runs.library import sample_folder
from resviz.training.data.data_sets import DATA
from tests.helpers.written_runs import some_rows

ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read as Linux tells it")
GROWN = (
    "import resource, sys\n"
    "from pathlib import Path\n"
    "from tests.damage.test_memory import {name} as read\n"
    "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    "read(Path(sys.argv[1]))\n"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
)


def grown(name: str, path: Path) -> int:
    """How many kilobytes a process grows by while a function of this file reads a path."""
    code = GROWN.format(name=name)
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def refused_cifar(folder: Path) -> None:
    from resviz.training.data.cifar import read

    with pytest.raises(DataError, match="bytes"):
        read("cifar10", DATA["cifar10"], folder)


def refused_toml(path: Path) -> None:
    with pytest.raises(NetError, match="parts"):
        from_toml(path.read_text())


def refused_csv(path: Path) -> None:
    with pytest.raises(RunError, match="numbers"):
        read_curves(path)


@ONLY_LINUX
def test_a_header_of_an_archive_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "cifar-10-binary.tar.gz"
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 4 * 10**9
    with gzip.open(archive, "wb", compresslevel=1) as out:
        out.write(header.tobuf())
        for _block in range(300):  # the rest need not be there to be believed
            out.write(bytes(1_000_000))
    assert grown("refused_cifar", tmp_path) < 250_000


@ONLY_LINUX
@pytest.mark.parametrize(
    "text", ["a" + ".a" * 20_000 + " = 1\n", "[" + "a." * 20_000 + "a]\n", "x = {" + "a." * 99 + "a = 1}\n"]
)
def test_keys_of_many_parts_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.toml"
    path.write_text(text)
    assert grown("refused_toml", path) < 100_000


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 5000 + "]" * 5000, "x = " + "{a=" * 900 + "1" + "}" * 900, "input = " + "[" * 300 + "]" * 300],
)
def test_deeply_nested_values_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(NetError) as refused:
        from_toml(text)
    assert len(str(refused.value)) < 700


def test_every_net_of_the_catalogue_is_read_as_before() -> None:
    for name in catalogue.names():
        spec = catalogue.find(name)
        assert from_toml(spec.to_toml()) == spec


@ONLY_LINUX
@pytest.mark.slow
def test_a_curve_of_two_hundred_megabytes_takes_its_own_size(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    line = b"1" + b",1" * 99 + b"\n"
    with path.open("wb") as out:
        out.write(b",".join(b"c%d" % n for n in range(100)) + b"\n")
        for _thousand in range(990):
            out.write(line * 1000)
    assert path.stat().st_size > 190_000_000
    assert grown("refused_csv", path) < 900_000


def test_numbers_are_counted_as_they_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("step,loss\n" + "1,2\n" * 51)
    monkeypatch.setattr(curve_import, "MAX_NUMBERS", 100)
    with pytest.raises(RunError, match="more than 100 numbers"):
        read_curves(path)
    path.write_text("step,loss\n" + "1,2\n" * 50)
    assert len(read_curves(path).columns["loss"][0]) == 50


def stream(rows: dict[str, np.ndarray], compression: str | None) -> bytes:
    sink = io.BytesIO()
    batch = pa.record_batch([metrics._column(values) for values in rows.values()], names=list(rows))
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        for _batch in range(3):
            writer.write_batch(batch)
    return sink.getvalue()


@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
def test_the_size_that_rows_will_take_is_read_from_their_headers(compression: str | None) -> None:
    rows = some_rows(0, 500)
    size = decoded_size(stream(rows, compression))
    exact = 3 * sum(values.nbytes for values in rows.values())
    assert exact <= size < exact * 1.1 + 5000


def test_the_samples_are_read_as_before() -> None:
    for folder in sorted(sample_folder().iterdir()):
        if (folder / "run.json").exists():
            assert len(metrics.read(folder)["step"])


@pytest.mark.parametrize("claimed", [10**10, 2**62, metrics.MAX_DECODED + 1])
def test_rows_that_claim_gigabytes_are_refused_before_they_are_made(tmp_path: Path, claimed: int) -> None:
    content = bytearray(stream(some_rows(0, 500), "zstd"))
    sizes = struct.pack("<q", 500 * 8)
    place = content.index(sizes)
    content[place : place + 8] = struct.pack("<q", claimed)
    with pytest.raises(pa.ArrowInvalid, match="bytes of memory"):
        metrics._decoded(bytes(content))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_header_is_an_error_and_nothing_worse(seed: int) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(stream(some_rows(0, 20), "zstd" if seed % 2 else None))
    for _change in range(200):
        changed = bytearray(content)
        for place in random.integers(0, len(content), 3):
            changed[place] = random.integers(256)
        with contextlib.suppress(StreamError):
            assert decoded_size(bytes(changed)) >= 0
