"""Names of models that can be opened: those of the libraries that are installed, and the classes of a Python file.

The libraries are asked in a process of their own, once for each version. A Python file is read, and not run. No torch.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from resviz.base.atomic_files import write_whole
from resviz.capturing.graph_files import cache_folder, installed_version
from resviz.capturing.model_source import LIBRARIES
from resviz.capturing.process import quiet_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LISTED = {
    "torchvision": "from torchvision.models import list_models as names",
    "timm": "from timm import list_models as names",
}
"""Libraries that list their models, and how they are asked."""
_CODE = "import json; {names}; print(json.dumps(sorted(names())))"
_SECONDS, _EVERY = 60.0, 0.1
_MAX_FILE = 2_000_000


def library_names(library: str, wanted: Callable[[], bool] = lambda: True) -> tuple[str, ...]:
    """Return what `parse_source` takes for each model of a library, such as "timm:convnext_tiny"; none if it is absent.

    The first call for a version of it takes seconds. It ends early when `wanted` returns False.
    """
    version = installed_version(LIBRARIES[library])
    if library not in LISTED or not version:
        return ()
    kept = cache_folder().parent / f"names-{library}-{version}.json"
    names = _read(kept)
    if names is None:
        names = _ask(library, wanted)
        if not names:
            return ()
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, json.dumps(names).encode())
        except OSError:
            pass  # asked again next time
    return tuple(f"{library}:{name}" for name in names)


def _read(path: Path) -> list[str] | None:
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


def _ask(library: str, wanted: Callable[[], bool]) -> list[str]:
    """Return a library's names; none if it is installed and does not work: its models themselves say why."""
    command = [sys.executable, "-c", _CODE.format(names=LISTED[library])]
    ends = time.monotonic() + _SECONDS
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=quiet_environment(), start_new_session=True
        )
    except OSError:
        return []
    with process:
        while True:
            try:
                said = process.communicate(timeout=_EVERY)[0]
                break
            except subprocess.TimeoutExpired:
                if not wanted() or time.monotonic() > ends:
                    process.kill()
    try:
        return [str(name) for name in json.loads(said.splitlines()[-1])]
    except (ValueError, IndexError):
        return []


def callables_of(path: Path) -> tuple[str, ...]:
    """Return what `parse_source` takes for each class and function of a Python file; none if it can't be read.

    Classes whose bases look like modules stand first, the last of the file before the others.
    """
    try:
        if path.stat().st_size > _MAX_FILE:
            return ()
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    modules = [node.name for node in classes if any("Module" in ast.unparse(base) for base in node.bases)]
    # The whole net is usually the last class of a file, behind its parts.
    others = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    names = dict.fromkeys([*reversed(modules), *(name for name in others if not name.startswith("_"))])
    return tuple(f"{path}:{name}" for name in names)
