"""The glossary: every technical word of the window and the docs, with an explanation and a source.

`resources/glossary.toml` is its one source. `docs/glossary.md`, `resviz explain` and the tooltips are made from it.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from resviz.base.assets import asset_folder
from resviz.base.errors import UsageError
from resviz.base.settings import read_setting
from resviz.base.translation import _, language

if TYPE_CHECKING:
    from collections.abc import Mapping


LANGUAGES = ("zh_TW", "ko", "fr")
"""Languages for which the glossary has a place."""
ENGLISH_TERMS = "RESVIZ_ENGLISH_TERMS"
"""The environment variable that keeps technical words in English, in every language. A setting does the same."""


@dataclass(frozen=True)
class Term:
    """A technical word, explained in about two sentences."""

    name: str
    text: str
    source: str
    translations: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The word in other languages, by their codes, as far as there is one."""

    @property
    def local_name(self) -> str:
        """The word in the language of the program, or in English if the user prefers that."""
        if os.environ.get(ENGLISH_TERMS) or _prefers_english():
            return self.name
        code = language()
        return self.translations.get(code) or self.translations.get(code[:2]) or self.name

    @property
    def tooltip(self) -> str:
        """The explanation as a tooltip shows it."""
        return f"{_(self.text)} ({self.source})"


@cache
def _prefers_english() -> bool:
    return read_setting("english_terms") is True


@cache
def terms() -> dict[str, Term]:
    """Return all terms by their names, in alphabetical order."""
    content = tomllib.loads((asset_folder("resources") / "glossary.toml").read_text(encoding="utf-8"))
    found = (
        Term(
            entry["name"], entry["text"], entry["source"], {code: entry[code] for code in LANGUAGES if entry.get(code)}
        )
        for entry in content["term"]
    )
    return {term.name: term for term in sorted(found, key=lambda term: term.name.lower())}


def known_term(word: str) -> Term | None:
    """Return a term, with any capitals and in singular or plural. Return None if the word is not known."""
    wanted, names = _plain(word), _plain_names()
    return next((names[form] for form in (wanted, wanted.removesuffix("s"), f"{wanted}s") if form in names), None)


@cache
def _plain_names() -> dict[str, Term]:
    return {_plain(name): term for name, term in terms().items()}


def find_term(word: str) -> Term:
    """Return a term as `known_term` does. Raise UsageError if it is not known."""
    found = known_term(word)
    if found is not None:
        return found
    wanted, names = _plain(word), _plain_names()
    near = [names[form].name for form in difflib.get_close_matches(wanted, names, 3)]
    near = near or [term.name for form, term in names.items() if wanted and wanted in form][:3]
    if near:
        raise UsageError(
            _("The word {word} is not in the glossary. Did you mean {near}?").format(
                word=repr(word[:40]), near=", ".join(near)
            )
        )
    raise UsageError(
        _("The word {word} is not in the glossary. `resviz explain` lists all words.").format(word=repr(word[:40]))
    )


def tooltip(word: str, sentence: str = "") -> str:
    """Return the text of a tooltip: a sentence, then the explanation of the word if it is technical."""
    term = known_term(word)
    return "\n".join(part for part in (sentence, term.tooltip if term else "") if part)


def _plain(word: str) -> str:
    return " ".join(word.lower().replace("_", " ").replace("-", " ").split())


def to_markdown() -> str:
    """Return the page `docs/glossary.md`."""
    parts = [f"## {term.name}\n\n{term.text} *Source: {term.source}.*\n" for term in terms().values()]
    head = "# Glossary\n\nThis page is made from `resources/glossary.toml`. `resviz explain WORD` shows one word.\n"
    return "\n".join((head, *parts))
