"""For all tests: no screen, no user's folder, one thread, and nothing left behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.file_server import url as url

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# Tests run side by side, one a core: more threads would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _own_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("RESVIZ_SETTINGS", str(tmp_path / "settings"))
    monkeypatch.setenv("RESVIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RESVIZ_LESSONS", str(tmp_path / "lessons"))


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    left = [thread for thread in left if not isinstance(thread, threading._DummyThread)]
    # A compiler of torch uses tqdm, whose monitor is started once and never ends.
    left = [thread for thread in left if type(thread).__name__ != "TMonitor"]
    assert not left, f"threads left running: {left}"
