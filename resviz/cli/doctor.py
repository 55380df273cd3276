"""`resviz doctor`: what a bug report needs to know."""

from __future__ import annotations

import os
import sys

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json


def doctor(as_json: JsonOption = False) -> None:
    """Print versions, device, display and folders, and count and train for two seconds, for a bug report."""
    from resviz.experiments.system_information import as_text, device_information, self_test, system_information

    found = system_information() | _display() | device_information() | self_test()
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(as_text(found) + "\n")


def _display() -> dict[str, str]:
    """Return what stands between the program and a window, and whether there are fonts."""
    from PySide6.QtGui import QFontDatabase

    from resviz.gui.app import display_problem, make_application
    from resviz.gui.style.display import display_text
    from resviz.gui.style.fonts import missing_font

    problem = display_problem(sys.platform, os.environ)
    if problem:
        return {_("Display"): problem}
    make_application()
    return {
        _("Display"): display_text(),
        _("Fonts"): missing_font() or str(len(QFontDatabase.families())),
    }
