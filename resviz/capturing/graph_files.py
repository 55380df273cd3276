"""Graphs of captured models in files: those that people keep, and those that need not be captured again. No torch.

What was captured of a library's model is known by the library's version, and of a file by its content. A Python file
reads others, so its models are captured each time.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

import resviz
from resviz.base.atomic_files import write_whole
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.capturing.captured_net import MAX_DOCUMENT, CapturedNet, read_document, write_document
from resviz.capturing.model_source import GRAPH_ENDING, LIBRARIES

if TYPE_CHECKING:
    from resviz.capturing.model_source import ModelSource

_MOST_KEPT = 60
_MOST_BYTES = 2 * 10**9
"""Larger files are not read to find out whether they are known."""


def read_graph(path: Path, origin: str = "") -> CapturedNet:
    """Return the graph that a file has. Raise NetError in one line if it has none."""
    try:
        content = read_content(path)
    except OSError as error:
        raise NetError(
            _("{file} could not be read: {reason}").format(file=path.name, reason=error.strerror or error)
        ) from None
    return read_document(content, origin or path.name)


def read_content(path: Path) -> bytes:
    """Return the bytes of a graph's file. Raise NetError if there are too many."""
    with path.open("rb") as file:
        content = file.read(MAX_DOCUMENT + 1)
    if len(content) > MAX_DOCUMENT:
        raise NetError(_("The model has too many layers to be shown."))
    return content


def cache_folder() -> Path:
    """Return where graphs are kept: RESVIZ_CACHE, or the user's cache folder."""
    chosen = os.environ.get("RESVIZ_CACHE")
    return (Path(chosen) if chosen else Path(platformdirs.user_cache_dir("resviz", appauthor=False))) / "graphs"


def kept_graph(source: ModelSource) -> Path | None:
    """Return the file of a source's graph, whether it is there or not; None if it can't be known to be the same."""
    known = _version(source) if source.kind in LIBRARIES else _content(source)
    if not known:
        return None
    parts = [
        resviz.__version__,
        source.text,
        known,
        *(installed_version(name) for name in ("torch", "onnx")),
        *(given.text for given in source.inputs),
        repr(source.args),
    ]
    return cache_folder() / f"{_digest('|'.join(parts).encode())}{GRAPH_ENDING}"


def keep_graph(net: CapturedNet, path: Path | None = None) -> Path | None:
    """Keep a graph in the cache, and drop the oldest there. Return its file, or None if it can't be written."""
    content = write_document(net)
    path = path or cache_folder() / f"{_digest(content)}{GRAPH_ENDING}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        _drop_oldest(path.parent)
    except OSError:
        return None
    return path


def _drop_oldest(folder: Path) -> None:
    files = sorted(folder.glob(f"*{GRAPH_ENDING}"), key=lambda path: path.stat().st_mtime)
    for path in files[:-_MOST_KEPT]:
        with suppress(OSError):
            path.unlink()


def _version(source: ModelSource) -> str:
    return installed_version(LIBRARIES[source.kind]) if not Path(source.name).exists() else ""


def installed_version(package: str) -> str:
    """Return a package's version, "" if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _content(source: ModelSource) -> str:
    path = Path(source.name)
    if source.kind == "python" or not path.is_file() or path.stat().st_size > _MOST_BYTES:
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
