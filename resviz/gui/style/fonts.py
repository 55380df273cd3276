"""Fonts for languages with their own script. Without one, Qt would draw boxes."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

from resviz.base.translation import language

_SCRIPTS = {
    "zh": QFontDatabase.WritingSystem.TraditionalChinese,
    "ko": QFontDatabase.WritingSystem.Korean,
    "ja": QFontDatabase.WritingSystem.Japanese,
}
PACKAGES = "apt install fonts-noto-cjk (Debian, Ubuntu), dnf install google-noto-sans-cjk-fonts (Fedora)"


def missing_font(code: str = "") -> str:
    """Return a sentence if no font can write a language, by default that of the program, or "".

    The sentence is in English, because nothing else could be read.
    """
    script = _SCRIPTS.get((code or language())[:2])
    if script is None or QFontDatabase.families(script):
        return ""
    return f"No font on this computer can show this language. Install one: {PACKAGES}."
