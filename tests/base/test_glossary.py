"""Every technical word is explained in one place, and the window, the command line and the docs show that text."""

import re
from pathlib import Path

import pytest

from resviz.base.errors import UsageError
from resviz.base.glossary import find_term, terms, to_markdown, tooltip
from tests.helpers.command_line import resviz

ROOT = Path(__file__).parents[2]


def test_the_page_is_made_from_the_data_file() -> None:
    assert (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8") == to_markdown()


@pytest.mark.parametrize("name", terms())
def test_a_term_has_one_to_three_sentences_and_a_source(name: str) -> None:
    term = terms()[name]
    assert 1 <= len(re.findall(r"[.)](?: |$)", term.text)) <= 3
    assert term.text[0].isupper() or term.text[0].isdigit()
    assert term.source
    assert len(term.text) < 260


def test_a_word_is_found_in_the_plural_and_with_any_capitals() -> None:
    assert find_term("flops").name == find_term("FLOP").name == "FLOPs"
    assert find_term("Response_Gradients").name == "response gradient"
    with pytest.raises(UsageError, match="Did you mean stride"):
        find_term("strid")
    with pytest.raises(UsageError, match="`resviz explain` lists all words"):
        find_term("qqqq")


def test_the_command_explains_a_word_and_lists_all() -> None:
    done = resviz("explain", "update", "ratio")
    assert find_term("update ratio").text in done.stdout
    assert resviz("explain").stdout.split("\n")[:-1] == list(terms())
    assert resviz("explain", "qqqq").returncode == 2


def test_a_tooltip_has_the_sentence_and_the_explanation() -> None:
    assert tooltip("depth", "Choose a depth.").startswith("Choose a depth.\n" + find_term("depth").text)
    assert tooltip("no such word", "Only this.") == "Only this."
