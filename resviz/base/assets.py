"""Where the files that come with the program are: paper figures, sample runs."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def asset_folder(name: str) -> Path:
    """Return the folder `resources` or `sample_runs`, in an installed wheel or in a checkout."""
    installed = _PACKAGE / "bundled" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
