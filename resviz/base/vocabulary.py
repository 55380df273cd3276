"""Words that several rooms share, with one meaning each: what `resviz show` counts is what `resviz train` does."""

from __future__ import annotations

from typing import Literal

Optimizer = Literal["sgd", "nesterov", "adam"]
"""SGD with momentum (He et al. 2015, section 4.2), with Nesterov's momentum, and Adam (Kingma and Ba 2014)."""
Precision = Literal["float32", "tf32", "bfloat16"]
"""How convolutions and products are computed. Weights stay float32: bfloat16 is torch's autocast, tf32 only rounds the
factors of a product on the GPU."""
MemoryPrecision = Literal["float32", "tf32", "bfloat16", "pure-bfloat16"]
"""Precision, and weights and all in bfloat16, which is counted but not trained."""


def state_copies(optimizer: Optimizer, momentum: float) -> int:
    """Return how many numbers an optimizer keeps for each parameter: a velocity, or Adam's two moments."""
    if optimizer == "adam":
        return 2
    return 1 if momentum > 0 else 0
