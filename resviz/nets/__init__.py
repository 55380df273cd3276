"""What a network is: one immutable Graph, built from a depth table. Pure Python: no torch, no Qt."""

from __future__ import annotations

from resviz.nets import blocks as blocks  # a spec is validated against the registered blocks
