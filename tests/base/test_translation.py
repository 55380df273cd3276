"""Every sentence can be translated, and a translation is complete, current and has the same parameters."""

import subprocess
import sys

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from resviz.base.translation import PseudoTranslations, languages
from tests.helpers.catalogue import LOCALE, TEMPLATE, extract, problems, template_text


def test_the_template_has_the_sentences_of_the_program() -> None:
    """`python -m tests.helpers.catalogue` writes it."""
    assert TEMPLATE.read_bytes() == template_text()


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*/LC_MESSAGES/resviz.po")))
def test_a_translation_has_no_stale_or_fuzzy_entry_and_equal_parameters(path: object) -> None:
    with path.open("rb") as file:  # type: ignore[attr-defined]
        assert not problems(read_po(file), extract())


def test_what_is_wrong_with_a_translation_is_found() -> None:
    template = Catalog()
    template.add("{net} has {count} layers")
    template.add("Stop")
    wrong = Catalog()
    wrong.add("{net} has {count} layers", "{net} a {nombre} couches")
    wrong.add("Stop", "Arrêter", flags=["fuzzy"])
    wrong.add("Gone", "Parti")
    assert problems(wrong, template) == ["stale: Gone", "other parameters: {net} has {count} layers", "fuzzy: Stop"]
    right = Catalog()
    right.add("{net} has {count} layers", "{net} a {count} couches")
    assert problems(right, template) == ["missing: Stop"]


def test_no_sentence_mixes_positional_parameters() -> None:
    ids = [message.id if isinstance(message.id, str) else message.id[0] for message in extract() if message.id]
    assert not [text for text in ids if "%s" in text or "{}" in text or "{0}" in text]


def test_the_pseudo_language_is_longer_and_keeps_parameters_and_code() -> None:
    pseudo = PseudoTranslations()
    text = pseudo.gettext("Use `resviz data` to fetch {name}, <b>now</b>.")
    assert "`resviz data`" in text
    assert "{name}" in text
    assert "<b>" in text
    assert len(pseudo.gettext("Move net left")) == round(1.4 * len("Move net left"))
    assert pseudo.ngettext("{count} layer", "{count} layers", 2).startswith("{count} láýérš~")


def test_the_language_is_the_system_s_unless_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESVIZ_LANGUAGE", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert languages() == ["fr_FR.UTF-8"]
    monkeypatch.setenv("RESVIZ_LANGUAGE", "ko")
    assert languages() == ["ko"]


@pytest.mark.slow
def test_a_command_speaks_the_chosen_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_LANGUAGE", "pseudo")
    done = subprocess.run([sys.executable, "-m", "resviz", "show", "resnet51"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "ñöt kñöwñ" in done.stderr
