"""`python -m tests.fuzz READER [SECONDS]`, where atheris is installed: nothing else needs it, so it is in no extra.

A reader may refuse what it is given, by the error that says so; anything else it raises is a find, and so is a second
without an answer.
"""

from __future__ import annotations

import contextlib
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["resviz"]):
    from resviz.base.errors import NetError, RunError
    from resviz.experiments.sweep import load, planned
    from resviz.nets import catalogue
    from resviz.nets.spec_files import read_spec
    from resviz.runs.curve_import import read_curves
    from resviz.runs.folder import RunFolder
    from resviz.runs.library import sample_folder
    from resviz.runs.metrics import read, read_last
    from resviz.runs.notes import read_notes
    from resviz.training.recipe import TrainConfig

import numpy as np
import pyarrow as pa
from safetensors.numpy import save

_FOLDER = Path(tempfile.mkdtemp(prefix="resviz-fuzz-"))
_SAMPLE = next(path for path in sorted(sample_folder().iterdir()) if (path / "run.json").exists())


def _run(content: bytes) -> None:
    (_FOLDER / "run.json").write_bytes(content)
    RunFolder(_FOLDER).info.net  # noqa: B018 - builds it


def _layers(content: bytes) -> None:
    (_FOLDER / "run.json").write_bytes((_SAMPLE / "run.json").read_bytes())
    (_FOLDER / "layers.json").write_bytes(content)
    RunFolder(_FOLDER).layers  # noqa: B018 - reads them


def _rows(content: bytes) -> None:
    """As if it had been written like that: with a sum that vouches for it."""
    (_FOLDER / "metrics-0000.arrows").write_bytes(content)
    (_FOLDER / "metrics-0000.crc32").write_bytes(b"%d %08x\n" % (len(content), zlib.crc32(content)))
    read(_FOLDER)
    read_last(_FOLDER)


def _checkpoint(content: bytes) -> None:
    (_FOLDER / "run.json").write_bytes((_SAMPLE / "run.json").read_bytes())
    (_FOLDER / "checkpoint.safetensors").write_bytes(content)
    RunFolder(_FOLDER).checkpoint()


def _notes(content: bytes) -> None:
    (_FOLDER / "about.json").write_bytes(content)
    read_notes(_FOLDER)


def _plan(content: bytes) -> None:
    (_FOLDER / ".sweeps").mkdir(exist_ok=True)
    (_FOLDER / ".sweeps" / "a.json").write_bytes(content)
    load("a", _FOLDER)


def _spec(content: bytes) -> None:
    path = _FOLDER / "spec.toml"
    path.write_bytes(content)
    read_spec(path)


def _csv(content: bytes) -> None:
    path = _FOLDER / "a.csv"
    path.write_bytes(content)
    read_curves(path)


def _events(content: bytes) -> None:
    """A record with the sums that it would have."""
    from tensorboardX.crc32c import crc32c

    def masked(data: bytes) -> bytes:
        crc = crc32c(data)
        return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    length = struct.pack("<Q", len(content))
    path = _FOLDER / "events.out.tfevents.1"
    path.write_bytes(length + masked(length) + content + masked(content))
    read_curves(path)


def _event() -> bytes:
    from tensorboardX.proto.event_pb2 import Event

    event = Event(step=3)
    event.summary.value.add(tag="loss", simple_value=0.5)
    content: bytes = event.SerializeToString()
    return content


def _of_sample(name: str) -> bytes:
    return (_SAMPLE / name).read_bytes()


READERS: dict[str, tuple[Callable[[bytes], None], Callable[[], bytes]]] = {
    "run": (_run, lambda: _of_sample("run.json")),
    "layers": (_layers, lambda: _of_sample("layers.json")),
    "rows": (_rows, lambda: _of_sample("metrics-0000.arrows")),
    "checkpoint": (_checkpoint, lambda: save({"net.a": np.zeros(3, np.float32)}, {"steps": "1"})),
    "notes": (_notes, lambda: _of_sample("about.json")),
    "plan": (_plan, lambda: planned([catalogue.find("mlp5")], TrainConfig(), {}).model_dump_json().encode()),
    "spec": (_spec, lambda: catalogue.find("resnet50").to_toml().encode()),
    "csv": (_csv, lambda: b"step,loss\n0,2.5\n10,1.5\n"),
    "events": (_events, _event),
}
"""By name what reads a content, and a content to begin from."""


def main() -> None:
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "60"
    reader, first = READERS[name]
    corpus = Path(tempfile.mkdtemp(prefix=f"resviz-corpus-{name}-"))
    (corpus / "first").write_bytes(first())

    def one(content: bytes) -> None:
        with contextlib.suppress(RunError, NetError, OSError, pa.ArrowException):
            reader(content)

    options = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=4096", "-max_len=200000"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
