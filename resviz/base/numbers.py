"""How measured numbers are written: with two digits, and powers of ten as they are read aloud."""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: float) -> str:
    """Return 10 to an exponent as text: 10⁻³, 2·10⁻⁹, 0.5, 20."""
    if -1.5 < exponent < 3.5 and abs(exponent - round(exponent)) > 1e-6:
        return f"{float(f'{10**exponent:.2g}'):g}"  # two digits, and 160 instead of 1.6e+02
    power = math.floor(exponent + 1e-6)
    factor = round(10 ** (exponent - power))
    if factor == 10:  # 9.7·10⁻⁹ rounds to the next power
        factor, power = 1, power + 1
    return (f"{factor}·" if factor > 1 else "") + "10" + str(power).translate(_SUPERSCRIPT)


def format_measurement(value: float) -> str:
    """Return a measured number: 3·10⁻⁹, 0.18, -0.4, 0, nan."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if 0.03 < abs(value) < 3000:
        return f"{float(f'{value:.2g}'):g}".replace("-", "−")
    return ("−" if value < 0 else "") + power_of_ten(math.log10(abs(value)))


def format_digits(value: float, digits: int = 3) -> str:
    """Return a number as it is read off a plot: 2.31·10⁻⁹, 0.184, nan."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.{digits}g}".replace("-", "−") if abs(value) < 1000 else f"{value:.0f}".replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return mantissa.replace("-", "−") + "·" + power_of_ten(int(exponent))
