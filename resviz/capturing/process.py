"""Captures a model in a process of its own, with limits of time and memory: it may hang, crash or print. No torch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from resviz.base.errors import NetError, ResvizError
from resviz.base.translation import _
from resviz.capturing.captured_net import CapturedNet, read_document
from resviz.capturing.graph_files import keep_graph, kept_graph, read_content, read_graph
from resviz.capturing.revisions import at_revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.capturing.model_source import ModelSource

TIME_LIMIT = 300.0
"""Seconds."""
MEMORY_SHARE = 0.7
"""The share of the machine's memory that a model may use."""
_EVERY = 0.05
_MAX_SAID = 400


class CaptureCancelled(ResvizError):
    """The person did not want to wait."""


def capture(
    source: ModelSource,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    time_limit: float = TIME_LIMIT,
    memory_limit: int | None = None,
) -> CapturedNet:
    """Return a model's graph. Raise NetError in one line if there is none, CaptureCancelled if that is wanted.

    Of a file in which a graph was kept it is read, and so is one that was captured before. Else the model is built and
    run in a process of its own.
    """
    if source.kind == "graph":
        return read_graph(Path(source.name))
    kept = kept_graph(source)
    if kept is not None and kept.is_file():
        with suppress(ResvizError):
            return read_graph(kept, source.text)
    net = _run(source, cancelled, time_limit, memory_limit)
    if kept is not None and not net.problem:
        keep_graph(net, kept)
    return net


def _run(
    source: ModelSource, cancelled: Callable[[], bool], time_limit: float, memory_limit: int | None
) -> CapturedNet:
    limit = memory_limit or int(MEMORY_SHARE * psutil.virtual_memory().total)
    with tempfile.TemporaryDirectory(prefix="resviz-") as folder:
        result, said = Path(folder) / "graph.json", Path(folder) / "said.txt"
        source = at_revision(source, Path(folder) / "files")
        with said.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "resviz.capturing", str(result)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=quiet_environment(),
                start_new_session=True,
            )
        try:
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it has ended already: its status says why
                process.stdin.write(_request(source))
                process.stdin.close()
            _wait(process, cancelled, time_limit, limit)
        finally:
            _end(process)
        if not result.is_file():
            raise NetError(_ending(process.returncode, said, source))
        content = read_content(result)
    if content.startswith(b'{"error"'):
        raise NetError(str(json.loads(content)["error"]))
    return read_document(content, source.text)


def _request(source: ModelSource) -> bytes:
    return json.dumps(
        {
            "kind": source.kind,
            "name": source.name,
            "module": source.module,
            "path": source.path,
            "inputs": [[list(given.shape), given.type] for given in source.inputs],
            "args": repr(source.args) if source.args else "",
        }
    ).encode()


def quiet_environment() -> dict[str, str]:
    """Return an environment in which nothing opens a window or asks a network."""
    away = {"DISPLAY", "WAYLAND_DISPLAY", "PYTHONSTARTUP", "PYTHONINSPECT"}
    kept = {name: value for name, value in os.environ.items() if name not in away}
    own = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (kept.get("PYTHONPATH", ""), own)))
    return kept | {
        "PYTHONPATH": path,
        "MPLBACKEND": "Agg",
        "QT_QPA_PLATFORM": "offscreen",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONWARNINGS": "ignore",
    }


def _wait(process: subprocess.Popen[bytes], cancelled: Callable[[], bool], time_limit: float, limit: int) -> None:
    """Wait for the end of a process. Raise an error if it takes too long, or too much memory, or is not wanted."""
    ends = time.monotonic() + time_limit
    while process.poll() is None:
        if cancelled():
            raise CaptureCancelled(_("Cancelled."))
        if time.monotonic() > ends:
            raise NetError(_("The model did not end within {seconds:.0f} s.").format(seconds=time_limit))
        if _memory(process.pid) > limit:
            raise NetError(_("The model needs more than {most:.1f} GB of memory.").format(most=limit / 10**9))
        time.sleep(_EVERY)


def _memory(pid: int) -> int:
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started."""
    if process.poll() is None:
        try:
            children = psutil.Process(process.pid).children(recursive=True)
        except psutil.Error:
            children = []
        for one in children:
            with suppress(psutil.Error):
                one.kill()
        process.kill()
    process.wait()


def _ending(status: int, said: Path, source: ModelSource) -> str:
    """Return why a process has left no result."""
    if status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        return _("{model}: the process that ran it was ended by {signal}.").format(model=source.text, signal=name)
    last = said.read_bytes()[-_MAX_SAID:].decode(errors="replace").strip().splitlines()
    return (
        _("{model}: the process that ran it ended with status {status}. {last}")
        .format(model=source.text, status=status, last=last[-1] if last else "")
        .strip()
    )
