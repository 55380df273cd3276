"""Which packages of the project a machine still needs to train on its GPU. No window, so nothing of Qt."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

WINDOW = ("pyside6", "pyqtgraph")


def needed_packages() -> list[str]:
    """Return the requirements of the engine, as the project's file has them."""
    content = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    return [one for one in content["project"]["dependencies"] if not one.lower().startswith(WINDOW)]


def missing_packages() -> list[str]:
    """Return those that are not installed here, whatever their versions."""
    return [one for one in needed_packages() if not _is_installed(re.split(r"[<>=!~;\[ ]", one, maxsplit=1)[0])]


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
