"""A setting with few values, all in sight: what BUILD's options and TRAIN's settings are made of. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """A field and its values: (value, text on the chip, what it does and its source)."""

    field: str
    title: str
    values: tuple[tuple[str, str, str], ...]
