"""Where a model comes from, as a person writes it: a name in a library, a callable in a Python file, or a file.

No torch here: the window and the command line read what a person typed before anything is loaded.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from typing_extensions import override

from resviz.base.errors import UsageError
from resviz.base.translation import N_, _

Kind = Literal["torchvision", "timm", "hf", "python", "onnx", "pt2", "tensors", "graph"]
LIBRARIES = {"torchvision": "torchvision", "timm": "timm", "hf": "transformers"}
"""Prefixes of names, and the package that has the models."""
FILES: dict[str, Kind] = {
    ".onnx": "onnx",
    ".pt2": "pt2",
    ".safetensors": "tensors",
    ".pth": "tensors",
    ".pt": "tensors",
    ".bin": "tensors",
}
"""Endings of files that are read without running code of theirs."""
GRAPH_ENDING = ".graph.json"
"""Ending of files in which Resviz keeps the graph of a model that was captured."""
RUNS_CODE = N_("This runs the code in {file}.")
TYPES = ("float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool")
_MAX_AXES, _MAX_SIDE = 8, 100_000
_INPUT = re.compile(r"(\d+(?:[x×]\d+)*)(?::(\w+))?", re.ASCII)
_PYTHON = re.compile(r"(?P<module>.+\.py|[A-Za-z_][\w.]*):(?P<name>[A-Za-z_][\w.]*)")


@dataclass(frozen=True)
class InputShape:
    """A tensor that a model is called with. The shape has no batch axis; an axis of 1 is put before it."""

    shape: tuple[int, ...]
    type: str = "float32"

    @property
    def text(self) -> str:
        """As it is written."""
        shape = "x".join(map(str, self.shape))
        return shape if self.type == "float32" else f"{shape}:{self.type}"


@dataclass(frozen=True)
class ModelSource:
    """A model to be captured.

    `name` is the library's name of it, the callable's, or the file's path. `module` is the file or the module that has
    the callable; a file may stand behind a revision of git, as in `HEAD~1:mymodel.py`. `args` are what the callable is
    called with: a tuple, or a dict of keyword arguments. `path` is where the file is, if it isn't where `module` says.
    """

    kind: Kind
    name: str
    module: str = ""
    inputs: tuple[InputShape, ...] = ()
    args: tuple[Any, ...] | dict[str, Any] = ()
    path: str = ""

    @property
    def text(self) -> str:
        """As a person writes it."""
        if self.kind in LIBRARIES:
            return f"{self.kind}:{self.name}"
        return f"{self.module}:{self.name}" if self.kind == "python" else self.name

    @override
    def __str__(self) -> str:
        return self.text

    @property
    def warning(self) -> str:
        """What a person is told before: that code of a file is run. "" if none of theirs is."""
        return _(RUNS_CODE).format(file=self.module) if self.kind == "python" else ""


def parse_source(text: str, inputs: tuple[str, ...] = (), args: str = "") -> ModelSource | None:
    """Return the model that a text names, or None if it names none of another program.

    Raise UsageError if it does but can't be right.
    """
    shapes = tuple(map(parse_input, inputs))
    values = parse_arguments(args)
    prefix, colon, name = text.partition(":")
    if colon and prefix in LIBRARIES:
        if not name:
            raise UsageError(
                _("{prefix}: has no name behind it. Write for instance {example}.").format(
                    prefix=prefix, example=f"{prefix}:{_EXAMPLES[prefix]}"
                )
            )
        return ModelSource(prefix, name, inputs=shapes, args=values)  # type: ignore[arg-type]
    kind: Kind | None = "graph" if text.lower().endswith(GRAPH_ENDING) else FILES.get(Path(text).suffix.lower())
    if kind is not None:
        return ModelSource(kind, text, inputs=shapes)
    if text.endswith(".py") and ":" not in text[2:] and not Path(text).is_file():
        raise UsageError(_("There is no file {file}.").format(file=text))
    if text.endswith(".py"):
        raise UsageError(
            _("Say what builds the model: {file}:NAME, a class or a function in the file.").format(file=text)
        )
    found = _PYTHON.fullmatch(text)
    if found is None or (len(found["module"]) == 1 and Path(text).exists()):  # a drive of Windows
        return None
    return ModelSource("python", found["name"], found["module"], shapes, values)


_EXAMPLES = {"torchvision": "resnet50", "timm": "convnext_tiny", "hf": "bert"}


def parse_input(text: str) -> InputShape:
    """Return the input that "3x224x224" or "16:int64" says. Raise UsageError if it says none."""
    found = _INPUT.fullmatch(text.strip())
    shape = tuple(int(side) for side in re.split("[x×]", found[1])) if found and len(found[1]) < 100 else ()
    kind = (found[2] if found else None) or "float32"
    if not shape or len(shape) > _MAX_AXES or not all(0 < side <= _MAX_SIDE for side in shape):
        raise UsageError(
            _("{text} is not an input. Write its shape without the batch axis, like 3x224x224 or 16:int64.").format(
                text=text[:80]
            )
        )
    if kind not in TYPES:
        raise UsageError(_("{type} is not a type. Use one of {known}.").format(type=kind[:80], known=", ".join(TYPES)))
    return InputShape(shape, kind)


def parse_arguments(text: str) -> tuple[Any, ...] | dict[str, Any]:
    """Return the arguments that a Python literal gives: of a tuple its parts, of a dict the keyword arguments."""
    if not text.strip():
        return ()
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        raise UsageError(
            _("--args: {text} is not a Python literal. Write for instance (10, 3) or {example}.").format(
                text=text[:80], example="{'depth': 3}"
            )
        ) from None
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    return value if isinstance(value, tuple) else (value,)
