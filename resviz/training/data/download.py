"""Fetching a data set's published files: resumed where it broke off, and kept only if the SHA-256 is right."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.base.untrusted_files import opened, opened_to_append

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.training.data.data_sets import DataInfo, RemoteFile

_CHUNK = 1 << 18
_TIMEOUT = 30

Progress = Callable[[str, int, int | None], bool]
"""Told the file's name, bytes so far, and bytes in all where that is known; a false answer stops the download."""


def missing(info: DataInfo, folder: Path) -> tuple[RemoteFile, ...]:
    """Return which of a data set's published files are not in its folder, packed or unpacked."""
    return missing_files(info.files, folder)


def missing_files(files: Sequence[RemoteFile], folder: Path) -> tuple[RemoteFile, ...]:
    """Return which of the files are not in a folder, packed or unpacked."""
    return tuple(
        file
        for file in files
        if not (folder / file.name).is_file()
        and not any(names and all((folder / name).is_file() for name in names) for names in file.unpacked)
    )


def fetch(info: DataInfo, folder: Path, progress: Progress = lambda name, done, of: True) -> None:
    """Fetch the missing files of a data set. Raise DataError if it fails, or has none to fetch."""
    require_files(info)
    fetch_files(info.files, folder, progress)


def require_files(info: DataInfo) -> None:
    """Raise DataError if a data set has no published files."""
    if not info.files:
        raise DataError(_("{title}: there is nothing to fetch. {source}").format(title=info.title, source=info.source))


def fetch_files(files: Sequence[RemoteFile], folder: Path, progress: Progress = lambda name, done, of: True) -> None:
    """Fetch those of the files that are missing, and continue an interrupted download. Raise DataError if it fails."""
    for file in missing_files(files, folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _fetch_file(file, folder / file.name, progress)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise DataError(
                _(
                    "{url}: {reason}. The part that arrived is kept, and the next download continues there. Or put "
                    "{file} into {folder} yourself."
                ).format(url=file.url, reason=reason, file=file.name, folder=folder)
            ) from None


def _fetch_file(file: RemoteFile, path: Path, progress: Progress) -> None:
    part = path.with_name(path.name + ".part")
    digest = hashlib.sha256()
    done = 0
    if os.path.lexists(part):
        with opened(part) as known:
            while chunk := known.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
    request = urllib.request.Request(file.url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        reply = urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is left to send: the part is whole, or no part of this file
            raise
        _keep(part, path, file, digest.hexdigest())
        return
    with reply, opened_to_append(part) as out:
        if done and reply.status != 206:  # a server that knows no ranges begins again
            out.truncate(0)
            digest, done = hashlib.sha256(), 0
        length = reply.headers.get("Content-Length")
        of = done + int(length) if length and length.isdigit() else None
        while chunk := reply.read(_CHUNK):
            out.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if not progress(file.name, done, of):
                raise DataError(
                    _("{file}: stopped at {done} bytes. The next download continues there.").format(
                        file=file.name, done=done
                    )
                )
        if of is not None and done < of:
            raise OSError(_("the connection ended at {done} of {size} bytes").format(done=done, size=of))
    _keep(part, path, file, digest.hexdigest())


def _keep(part: Path, path: Path, file: RemoteFile, found: str) -> None:
    if not found.startswith(file.sha256):
        part.unlink(missing_ok=True)
        raise DataError(
            _(
                "{file}: its SHA-256 is {found}…, but should be {expected}…. The file was deleted. Fetch it again."
            ).format(file=file.name, found=found[:12], expected=file.sha256[:12])
        )
    os.replace(part, path)
