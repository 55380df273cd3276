"""Texts of strangers, made harmless where they enter: no character of them moves a cursor or turns a line around.

Names, titles and notes come from files of other people, and go to terminals, windows, pictures and reports.
"""

from __future__ import annotations

from typing import Annotated
from unicodedata import category

from pydantic import AfterValidator

_KEPT = frozenset("\n\t\u200c\u200d")
"""Line ends and tabs, and what joins letters in scripts and in emoji."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean_text(text: str) -> str:
    """Return a text without control characters and marks of direction; a sign stands for each of them."""
    if text.isprintable():
        return text
    return "".join(_REPLACEMENT if category(sign)[0] == "C" and sign not in _KEPT else sign for sign in text)


def clean_line(text: str) -> str:
    """Return a text of one line without control characters and marks of direction."""
    return clean_text(text.replace("\n", " ").replace("\t", " "))


def spreadsheet_cell(value: object) -> object:
    """Return a cell that a spreadsheet takes for a text or a number, and never for a formula."""
    if not isinstance(value, str) or not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


CleanText = Annotated[str, AfterValidator(clean_text)]
CleanLine = Annotated[str, AfterValidator(clean_line)]
