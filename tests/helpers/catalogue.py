"""The catalogue of translatable sentences: `python -m tests.helpers.catalogue` writes resources/locale/resviz.pot.

A translator copies that file to resources/locale/LANGUAGE/LC_MESSAGES/resviz.po. The same command then compiles every
resviz.po to the resviz.mo that the program reads.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from resviz.experiments.lesson_text import read_text

ROOT = Path(__file__).parents[2]
LOCALE = ROOT / "resources" / "locale"
TEMPLATE = LOCALE / "resviz.pot"
_KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "ngettext": (1, 2)}
_TOML_KEYS = {"term": ("text",), "slip": ("what", "source")}
"""Which values of a TOML file are sentences: those of the entries of a list."""
_PARAMETER = re.compile(r"\{(\w+)[^{}]*\}")


def extract_toml(
    file: IO[bytes], keywords: Any, comments: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the sentences of the glossary or of what lectures print, for Babel."""
    content = tomllib.loads(file.read().decode("utf-8"))
    for name, keys in _TOML_KEYS.items():
        for entry in content.get(name, ()):
            for key in keys:
                if isinstance(entry.get(key), str):
                    yield 1, "_", entry[key], []


def extract_lesson(
    file: IO[bytes], keywords: Any, comments: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the sentences of a lesson's Markdown, for Babel."""
    for sentence in read_text(file.read().decode("utf-8")).sentences:
        yield 1, "_", sentence, []


def extract() -> Catalog:
    """Return the sentences of the program, sorted."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog(project="Resviz", copyright_holder="Resviz developers", charset="utf-8")
    for _name, _line, message, _comments, context in extract_from_dir(ROOT, methods, options, _KEYWORDS):
        catalogue.add(message, context=context)
    return catalogue


def problems(catalogue: Catalog, template: Catalog) -> list[str]:
    """Return what is wrong with a translation: stale, fuzzy or incomplete entries, and other parameters."""
    found = [f"stale: {message.id}" for message in catalogue if message.id and message.id not in template]
    found += [f"missing: {message.id}" for message in template if message.id and message.id not in catalogue]
    for message in catalogue:
        if message.id and message.fuzzy:
            found.append(f"fuzzy: {message.id}")
        if message.id and not _has_equal_parameters(message):
            found.append(f"other parameters: {message.id}")
    return found


def _has_equal_parameters(message: Message) -> bool:
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    wanted = set().union(*(_PARAMETER.findall(text) for text in ids))
    return all(not text or set(_PARAMETER.findall(text)) == wanted for text in texts)


def template_text() -> bytes:
    """Return the content of the template, the same for the same sentences."""
    out = io.BytesIO()
    write_po(out, extract(), omit_header=True, no_location=True, sort_output=True, width=0)
    return out.getvalue()


def main() -> None:
    """Write the template, and compile every translation."""
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(template_text())
    for path in LOCALE.glob("*/LC_MESSAGES/resviz.po"):
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))


if __name__ == "__main__":
    main()
