"""The views of what was measured: one class a file, registered by `@register_view`.

A new view is a new file in this folder: every module here is imported, so nothing else names it.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from resviz.gui.plots.views.view import VIEWS, View, ViewCache

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def train_views() -> tuple[View, ...]:
    """Return the views that TRAIN offers."""
    return tuple(view for view in VIEWS.values() if view.in_train)


def compare_views() -> tuple[View, ...]:
    """Return the views that COMPARE offers: all of them."""
    return tuple(VIEWS.values())


__all__ = ["VIEWS", "View", "ViewCache", "compare_views", "train_views"]
