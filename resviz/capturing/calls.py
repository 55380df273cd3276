"""What was recorded of a pass: calls in their order, and how it ended."""

from __future__ import annotations

import inspect
import os
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from resviz.base.errors import ResvizError

if TYPE_CHECKING:
    from torch import nn

    from resviz.capturing import costs

_MAX_PROBLEM = 600
_LIBRARY = str(Path(torch.__file__).parent) + os.sep
_OWN = str(Path(__file__).parent) + os.sep


class TooManyCalls(ResvizError):
    """A forward pass that never ends, or too long a one."""


@dataclass
class Call:
    """A call: an operator, or a whole module of `torch.nn`.

    `inputs` are numbers of earlier calls: it read their outputs. `parameters` are names: it read these parameters.
    """

    operator: str
    path: str
    """The dotted path of the module that made it, or that it is."""
    name: str = ""
    """What it is called, where that is known; otherwise its operator's name below the path."""
    inputs: list[int] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    """An operator's other arguments, by name."""
    products: list[costs.Factors] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    input_shapes: list[tuple[int, ...]] = field(default_factory=list)
    source: str = ""
    view: bool = False
    module: nn.Module | None = None
    time: int = 0
    """Which of its module's calls it is, from 0."""
    problem: str = ""


@dataclass
class Recording:
    """What was recorded of a pass: the calls in their order, and which of them gave the outputs."""

    calls: list[Call] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    module_calls: Counter[str] = field(default_factory=Counter)
    """How often each module was called, by its path."""
    problem: str = ""
    """What the model raised, with its line; "" if the pass ended."""
    endless: bool = False
    """Whether it was stopped because there were too many calls."""

    def fail(self, error: Exception) -> None:
        """Note what the model raised, and the line of its own code where it did."""
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if not frame.filename.startswith((_LIBRARY, _OWN, "<"))]
        where = f"{_short(own[-1].filename)}:{own[-1].lineno}: " if own else ""
        what = str(error) if isinstance(error, ResvizError) else f"{type(error).__name__}: {error}"
        self.problem = where + " ".join(what.split())[:_MAX_PROBLEM]
        self.endless = isinstance(error, TooManyCalls)


def calling_line() -> str:
    """Return file and line of the code that made the call that is under way, torch's own left out."""
    frame = inspect.currentframe()
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_LIBRARY, _OWN, "<")):
            return f"{_short(name)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _short(path: str) -> str:
    """Return a file's path below site-packages, or its last three parts."""
    parts = Path(path).parts
    if "site-packages" in parts:
        return "/".join(parts[len(parts) - parts[::-1].index("site-packages") :])
    return parts[-1]
