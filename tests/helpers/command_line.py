"""`resviz ...` in this process: as the command line prints and exits, without another interpreter's start."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from resviz.cli import main


def resviz(*arguments: str, cwd: Path | None = None, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a command as the console script does, and return its exit status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    status: int | str | None = 0
    with (
        _command_line(["resviz", *arguments]),
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            status = end.code
    for thread in threading.enumerate():  # what drew a spinner has been told to end
        if type(thread).__name__ == "_RefreshThread":
            thread.join()
    code = status if isinstance(status, int) else 0
    assert not (check and code), err.getvalue()
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _command_line(arguments: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, arguments
    try:
        yield
    finally:
        sys.argv = before
