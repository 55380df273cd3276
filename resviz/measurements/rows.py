"""The rows of a run: what was measured, step by step."""

from __future__ import annotations

import numpy as np

Rows = dict[str, np.ndarray]
"""Column name to array.

"step" is (step,) int64, each scalar (step,) float64, each quantity (step, place) float32, or (step, place × value) for
a quantity with several values a place.
"""
