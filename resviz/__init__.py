"""Resviz: see what depth does to a convolutional network, and what a shortcut does about it."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["Explorer", "UnusedParameters", "__version__", "build", "capture", "count", "explore", "recognise", "watch"]


def __getattr__(name: str) -> Any:
    """Load what `resviz.api` offers when it is first used; its types are in `__init__.pyi`."""
    if name in __all__:
        return getattr(import_module("resviz.api"), name)
    raise AttributeError(f"module 'resviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names that are offered, loaded or not."""
    return sorted({*globals(), *__all__})
