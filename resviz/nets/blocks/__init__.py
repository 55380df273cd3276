"""Building blocks: functions that add the layers of one block to a GraphBuilder. One file a kind of block.

A new block is a new file in this folder with a function under `@register_block`: every module here is imported, those
of the papers' blocks first, so that options list them in the order in which they were invented.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

_FIRST = ("plain", "residual", "preactivation", "highway", "fractal")

for _name in dict.fromkeys([*_FIRST, *(module.name for module in iter_modules(__path__))]):
    import_module(f"{__name__}.{_name}")
