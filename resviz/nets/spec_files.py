"""Spec files on disk: read by the command line and by the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.spec import MAX_FILE, NetSpec, from_toml

if TYPE_CHECKING:
    from pathlib import Path


def read_spec(path: Path) -> NetSpec:
    """Return the net of a TOML file.

    Without a name in the file it has the file's name. Raise NetError if it is not valid.
    """
    try:
        with path.open("rb") as file:  # no more than that of it: it may be no file at all, like /dev/zero
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise NetError(
            _("{path}: {reason}. Give a spec file, or a name like resnet50.").format(
                path=path, reason=error.strerror or error
            )
        ) from None
    if len(content) > MAX_FILE:
        raise NetError(
            _("{path} is larger than {most} bytes. A net's spec is a few lines of TOML.").format(
                path=path, most=MAX_FILE
            )
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise NetError(_("{path} is not a text file (UTF-8). A spec file is TOML.").format(path=path)) from None
    spec = from_toml(text, str(path))
    return spec if "name" in spec.model_fields_set else spec.with_options(name=path.stem[:80])
