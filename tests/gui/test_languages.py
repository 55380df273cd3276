"""The window is ready for other languages: Qt's own buttons, fonts of other scripts, and terms that stay English."""

import json
import os
import subprocess
import sys
from pathlib import Path

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


_DRAW = """
import json
from PySide6.QtWidgets import QLabel
from resviz.gui.app import make_application
from resviz.gui.style.fonts import missing_font
application = make_application()
def drawn(text):
    label = QLabel(text)
    label.resize(40, 40)
    return bytes(label.grab().toImage().constBits())
print(json.dumps([missing_font("zh_TW"), len({drawn(sign) for sign in "\u68af\u5ea6\u6d88\u5931"})]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="fonts are found by fontconfig")
def test_chinese_is_drawn_with_a_font_for_it_and_without_one_a_package_is_named(tmp_path: Path) -> None:
    """Real signs: with the computer's fonts, if they have them, and with a Latin font alone."""
    latin = next((path for path in Path("/usr/share/fonts").rglob("DejaVuSans.ttf")), None)
    if latin is None:
        pytest.skip("there is no Latin font to be alone with")
    config = tmp_path / "fonts.conf"
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / latin.name).write_bytes(latin.read_bytes())
    folder, cache = tmp_path / "fonts", tmp_path / "cache"
    config.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{cache}</cachedir></fontconfig>", encoding="utf-8")
    for environment in (os.environ, {**os.environ, "FONTCONFIG_FILE": str(config)}):
        done = subprocess.run([sys.executable, "-c", _DRAW], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        missing, signs = json.loads(done.stdout)
        if missing:
            assert PACKAGES in missing
        else:
            assert signs == 4, "each sign is drawn as itself"
    assert missing, "a Latin font has no Chinese signs"
