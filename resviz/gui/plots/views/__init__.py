"""The views of what was measured: one class a file, registered by `@register_view`.

A new view is a new file in this folder: every module here is imported, so nothing else names it.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from resviz.gui.plots.views.view import REGISTERED, View, ViewCache

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

VIEWS: dict[str, View] = dict(sorted(REGISTERED.items(), key=lambda item: item[1].order))
"""By name, in the order in which people choose from them."""
TRAIN_VIEWS = tuple(view for view in VIEWS.values() if view.in_train)
COMPARE_VIEWS = tuple(VIEWS.values())

__all__ = ["COMPARE_VIEWS", "TRAIN_VIEWS", "VIEWS", "View", "ViewCache"]
