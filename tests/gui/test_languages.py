"""The window is ready for other languages: Qt's own buttons, fonts of other scripts, and terms that stay English."""

import pytest
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from resviz.base.glossary import LANGUAGES, Term, terms
from resviz.gui.style.fonts import PACKAGES, missing_font


def test_without_a_font_for_the_script_the_program_names_a_package(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missing_font("en") == missing_font("fr") == ""
    monkeypatch.setattr(QFontDatabase, "families", lambda script: [])
    for code in ("zh_TW", "ko", "ja"):
        assert PACKAGES in missing_font(code)
    monkeypatch.setattr(QFontDatabase, "families", lambda script: ["Noto Sans CJK TC"])
    assert missing_font("zh_TW") == ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_qt_has_its_own_buttons_in_every_language_that_is_planned(qapp: QApplication, code: str) -> None:
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    translator = QTranslator()
    assert translator.load(QLocale(code), "qtbase", "_", folder)
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert translator.translate("QPlatformTheme", "Cancel") not in ("", "Cancel")


def test_a_term_is_local_unless_the_user_wants_it_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    term = Term("gradient", "A text.", "A source", {"ko": "\uae30\uc6b8\uae30"})
    monkeypatch.setenv("RESVIZ_LANGUAGE", "ko")
    monkeypatch.delenv("RESVIZ_ENGLISH_TERMS", raising=False)
    assert term.local_name == "\uae30\uc6b8\uae30"
    monkeypatch.setenv("RESVIZ_ENGLISH_TERMS", "1")
    assert term.local_name == "gradient"
    monkeypatch.delenv("RESVIZ_ENGLISH_TERMS")
    monkeypatch.setenv("RESVIZ_LANGUAGE", "fr")
    assert term.local_name == "gradient", "no translation yet"
    assert all(set(term.translations) <= set(LANGUAGES) for term in terms().values())
