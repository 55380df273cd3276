"""`resviz explain`: a technical word in two sentences."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from resviz.base.glossary import find_term, terms
from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json


def _terms_beginning(typed: str) -> list[str]:
    return [name for name in terms() if name.lower().startswith(typed.lower())]


def explain(
    word: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD]",
            help=_("A technical word, like FLOPs. Without it all words are listed."),
            autocompletion=_terms_beginning,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a technical word of the window or the docs."""
    found = [find_term(" ".join(word))] if word else list(terms().values())
    if as_json:
        print_json({"terms": [{"name": term.name, "text": term.text, "source": term.source} for term in found]})
    elif word:
        source = _("Source: {source}").format(source=found[0].source)
        sys.stdout.write(f"{found[0].name}: {_(found[0].text)}\n{source}\n")
    else:
        sys.stdout.write("".join(f"{term.name}\n" for term in found))
