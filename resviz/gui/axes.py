"""Axes of plots: powers of ten, and whole numbers of layers and steps."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TICK_HEIGHT, _TICK_WIDTH = 34, 44
"""Pixels that a tick's text needs."""


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Counts layers or steps: ticks at whole numbers, 1, 2 or 5 times a power of ten apart."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        least = max(1.0, (high - low) * _TICK_WIDTH / max(size, 1))
        power = 10 ** int(np.floor(np.log10(least)))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
        first = int(np.ceil(low / step)) * step
        return [(float(step), [float(value) for value in range(first, int(np.floor(high)) + 1, step)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [str(round(value)) for value in values]


class DecadeAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis of a base-10 logarithm while `log` is on: powers of ten, and 2 and 5 times them where there is room."""

    log = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if not self.log:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return ticks
        span = max(high - low, 1e-9)
        step = max(1, int(np.ceil(span * _TICK_HEIGHT / max(size, 1))))
        decades = [float(n) for n in range(int(np.ceil(low / step)) * step, int(np.floor(high)) + 1, step)]
        if span * 3 * _TICK_HEIGHT > size:
            return [(float(step), decades)]
        parts = [n + part for n in range(int(np.floor(low)), int(np.ceil(high)) + 1) for part in np.log10((2, 5))]
        return [(1.0, decades), (0.3, [part for part in parts if low <= part <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if not self.log:
            texts: list[str] = super().tickStrings(values, scale, spacing)
            return texts
        return [power_of_ten(value) for value in values]


def power_of_ten(exponent: float) -> str:
    """10 to the exponent, as it is read aloud: 10⁻³, 2·10⁻⁹, 0.5, 20."""
    if -1.5 < exponent < 3.5 and abs(exponent - round(exponent)) > 1e-6:
        return f"{float(f'{10**exponent:.2g}'):g}"  # two digits, and 160 instead of 1.6e+02
    power = int(np.floor(exponent + 1e-6))
    factor = round(10 ** (exponent - power))
    if factor == 10:  # 9.7·10⁻⁹ rounds to the next power
        factor, power = 1, power + 1
    return (f"{factor}·" if factor > 1 else "") + "10" + str(power).translate(_SUPERSCRIPT)
