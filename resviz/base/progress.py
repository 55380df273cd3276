"""How the reading of a file tells how far it is."""

from collections.abc import Callable

Progress = Callable[[float], bool]
"""Told now and then what share was read; a false answer stops the reading."""
