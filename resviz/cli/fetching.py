"""Fetching files with a bar for each, for the commands that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.training.data.download import fetch_files, missing_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.training.data.data_sets import RemoteFile


def fetch_with_progress(title: str, files: Sequence[RemoteFile], folder: Path, *, quiet: bool) -> None:
    """Fetch those of the files that are missing, and say where they are. Raise DataError if it fails."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True, quiet=quiet, markup=False)
    with Progress(*columns, console=console) as bars:
        tasks = {file.name: bars.add_task(file.name, total=None) for file in missing_files(files, folder)}

        def progress(file: str, done: int, of: int | None) -> bool:
            bars.update(tasks[file], completed=done, total=of)
            return True

        fetch_files(files, folder, progress)
    console.print(_("{title} is in {folder}").format(title=title, folder=folder))
