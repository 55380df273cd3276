"""What a person has said of a run: a name, tags, notes, a colour. They lie in the run's folder, as about.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from resviz.base.atomic_files import write_whole
from resviz.base.clean_text import CleanLine, CleanText
from resviz.base.errors import RunError, validation_message
from resviz.base.translation import _
from resviz.runs.folder import read_json

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = "about.json"
Tag = Annotated[
    CleanLine, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^,\x00-\x1f]*$")
]


class Notes(BaseModel):
    """The user's title, tags, notes and colour of a run. Texts are plain text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: CleanLine = Field("", max_length=200)
    """Instead of the net's name; "" for that."""
    tags: tuple[Tag, ...] = Field((), max_length=20)
    notes: CleanText = Field("", max_length=20_000)
    colour: int | None = Field(None, ge=0, lt=16)
    """The place of its colour among those for nets of its kind; None lets the program choose."""


def read_notes(folder: Path) -> Notes:
    """Return the notes of a run, which may be empty. Raise RunError for a file that Resviz did not write."""
    path = folder / ABOUT
    return read_json(path, Notes) if path.exists() else Notes()


def write_notes(folder: Path, **changed: object) -> Notes:
    """Change some of a run's notes and returns them all. Raise RunError if they are too long or can't be kept."""
    try:
        notes = Notes.model_validate(read_notes(folder).model_dump() | changed)
    except ValidationError as error:
        raise RunError(validation_message(error)) from None
    try:
        write_whole(folder / ABOUT, notes.model_dump_json(indent=1, exclude_defaults=True).encode())
    except OSError as error:
        raise RunError(
            _("{folder}: {reason}. Choose a folder that can be written.").format(
                folder=folder, reason=error.strerror or error
            )
        ) from None
    return notes


def parse_tags(text: str) -> tuple[str, ...]:
    """Return the tags in "lecture, 56 layers", each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))
