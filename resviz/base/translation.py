"""The language of everything that people read.

Every sentence goes through `_` as a whole, with named parameters: ``_("{net} has {count} layers").format(...)``. The
language is chosen when Resviz starts: RESVIZ_LANGUAGE if it is set, then that of the settings, and the system's
language otherwise. A catalogue lies in `resources/locale/LANGUAGE/LC_MESSAGES/resviz.mo`; without one the sentences
are English, as they stand here. The language "pseudo" has accents and is longer than English. It shows text that is cut
off or not translatable.
"""

from __future__ import annotations

import gettext
import locale
import os
import re
import sys

from typing_extensions import override

from resviz.base.assets import asset_folder
from resviz.base.settings import read_setting

PSEUDO = "pseudo"
_DOMAIN = "resviz"
_ACCENTS = str.maketrans("aceginosuyzACEGINOSUYZ", "áçéğîñöšüýžÁÇÉĞÎÑÖŠÜÝŽ")
_FIXED = re.compile(r"(\{[^{}]*\}|<[^<>]*>|`[^`]*`|&\w+;|https?://\S+)")
"""Parts of a sentence that stay as they are in every language: parameters, tags, code, addresses."""
_LONGER = 0.4
"""By how much a pseudo-sentence is longer than English, as German or French may be."""


class PseudoTranslations(gettext.NullTranslations):
    """English with accents, and 40% longer."""

    @override
    def gettext(self, message: str) -> str:
        parts = _FIXED.split(message)
        accented = "".join(part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts))
        length = sum(map(len, parts[::2]))
        padding = "~" * round(_LONGER * length)
        # Words of padding, which a line can break between as between real ones.
        return accented + (re.sub(r"(~{7})~", r"\1 ", padding) if " " in message else padding)

    @override
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def language() -> str:
    """Return the language in use as a code like "zh_TW", or "en"."""
    code = languages()[:1] or ["en"]
    return code[0].partition(".")[0].partition("@")[0] or "en"


def languages() -> list[str]:
    """Return the wanted languages, best first: RESVIZ_LANGUAGE, that of the settings, or what the system asks for."""
    chosen = os.environ.get("RESVIZ_LANGUAGE", "") or read_setting("language")
    if chosen and isinstance(chosen, str):
        return [chosen]
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return [code for code in os.environ[name].split(":") if code]
    if sys.platform in ("win32", "darwin"):
        return [code for code in (locale.getlocale()[0],) if code]
    return []


def available_languages() -> list[str]:
    """Return the codes of the languages that there are sentences in: English, and each catalogue's."""
    folder = asset_folder("resources") / "locale"
    return ["en", *sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo"))]


def _load() -> gettext.NullTranslations:
    wanted = languages()
    if PSEUDO in wanted[:1]:
        return PseudoTranslations()
    return gettext.translation(_DOMAIN, asset_folder("resources") / "locale", wanted or ["en"], fallback=True)


_translations = _load()
_ = _translations.gettext
ngettext = _translations.ngettext


def N_(message: str) -> str:
    """Mark a sentence that is translated only where it is shown, because files have it in English."""
    return message
