"""Spec files on disk: read by the command line and by the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.errors import NetError
from resviz.nets.spec import MAX_FILE, NetSpec, from_toml

if TYPE_CHECKING:
    from pathlib import Path


def read_spec(path: Path) -> NetSpec:
    """The net of a TOML file; it has the file's name where the file gives it none. Raises NetError, in one line."""
    try:
        with path.open("rb") as file:  # no more than that of it: it may be no file at all, like /dev/zero
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise NetError(f"{path}: {error.strerror or error}; a spec file or a name like resnet50 will do") from None
    if len(content) > MAX_FILE:
        raise NetError(f"{path}: larger than {MAX_FILE} bytes; a net's spec is a few lines of TOML")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise NetError(f"{path}: not a text file (UTF-8); a spec file is TOML") from None
    spec = from_toml(text, str(path))
    return spec if "name" in spec.model_fields_set else spec.with_options(name=path.stem[:80])
