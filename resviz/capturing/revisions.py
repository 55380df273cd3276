"""A Python file as it was at a revision of git, with its neighbours: `HEAD~1:mymodel.py`."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.base.errors import NetError
from resviz.base.translation import _

if TYPE_CHECKING:
    from resviz.capturing.model_source import ModelSource

_REVISION = re.compile(r"(?P<revision>[^:\s-][^:\s]+):(?P<file>[^:]+\.py)")
_SECONDS = 60
_MAX_BYTES = 200_000_000


def split_revision(module: str) -> tuple[str, str] | None:
    """Return the revision and the file that a text names, or None if it names a file as it is now."""
    found = _REVISION.fullmatch(module)
    return None if found is None or Path(module).exists() else (found["revision"], found["file"])


def extract(revision: str, file: str, folder: Path) -> Path:
    """Write all Python files of a repository at a revision into a folder, and return the path of one of them there.

    A file is given as if it were there now. Raise NetError, in one line, if there is no such revision or file.
    """
    around = Path(file).resolve().parent
    while not around.is_dir():
        around = around.parent
    top = Path(_git(around, "rev-parse", "--show-toplevel").decode().strip())
    try:
        commit = _git(around, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except NetError as error:
        raise NetError(_("There is no revision {name} ({reason}).").format(name=revision[:80], reason=error)) from None
    content = _git(top, "archive", "--format=tar", commit, ":(glob)**/*.py")
    if len(content) > _MAX_BYTES:
        raise NetError(_("The Python files of {revision} are too large.").format(revision=revision[:80]))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
    path = folder / Path(file).resolve().relative_to(top.resolve())
    if not path.is_file():
        raise NetError(_("There is no file {file} in {revision}.").format(file=file[:200], revision=revision[:80]))
    return path


def at_revision(source: ModelSource, folder: Path) -> ModelSource:
    """Return a source with the path of its file: if it names a revision, the file is written into a folder."""
    before = split_revision(source.module)
    return source if before is None else replace(source, path=str(extract(*before, folder)))


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise NetError(_("git is not installed, and a file at a revision needs it.")) from None
    except subprocess.TimeoutExpired:
        raise NetError(_("git did not answer within {seconds} s.").format(seconds=_SECONDS)) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NetError(_("git: {reason}").format(reason=said[0][:300] if said else done.returncode))
    return done.stdout
