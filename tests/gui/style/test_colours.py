"""Colour-blind people can tell the nets apart, and so can everyone in greyscale."""

from itertools import combinations

import numpy as np
import pytest

from resviz.gui.style.theme import DARK, LIGHT, Theme

# Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB.
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
TRITAN = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
GREY = ((0.2126, 0.7152, 0.0722),) * 3
EYES = {"normal": np.eye(3), "deutan": DEUTAN, "protan": PROTAN, "tritan": TRITAN, "grey": GREY}
THEMES = [LIGHT, DARK]


def linear(colour: str) -> np.ndarray:
    """Linear RGB (3,) of #rrggbb."""
    values = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (3,) of linear RGB."""
    matrix = np.array(((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)))
    xyz = matrix @ np.clip(rgb, 0, 1) / np.array((0.9505, 1.0, 1.089))
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of WCAG."""
    low, high = sorted(float(np.dot(GREY[0], linear(colour))) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("kind", ["plain", "residual"])
def test_nets_of_one_kind_differ_for_all_eyes(theme: Theme, eyes: str, kind: str) -> None:
    matrix = np.array(EYES[eyes])
    for first, second in combinations(getattr(theme, kind), 2):
        distance = float(np.linalg.norm(lab(matrix @ linear(first)) - lab(matrix @ linear(second))))
        assert distance > (8 if eyes == "grey" else 15), f"{first} and {second}"


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_text_has_enough_contrast(theme: Theme) -> None:
    grounds = (theme.panel, theme.ground)
    texts = {"text": theme.text, "dim": theme.dim, "accent": theme.accent, "good": theme.good}
    texts |= {"warn": theme.warn, "bad": theme.bad}
    texts |= {f"net {colour}": colour for colour in (*theme.plain, *theme.residual)}
    for name, colour in texts.items():
        assert min(contrast(colour, ground) for ground in grounds) >= 4.5, name
    assert min(contrast(theme.text, ground) for ground in grounds) >= 7, "as presentation mode needs it"
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.bad, theme.bad_soft) >= 4.5
    for fill, text in theme.stages:
        assert contrast(fill, text) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_lines_differ_also_without_colour(theme: Theme) -> None:
    pens = [
        (theme.net_colour(unit, style), tuple(theme.net_pen(unit, style).dashPattern()))
        for unit in ("plain", "residual")
        for style in range(8)
    ]
    assert len(set(pens)) == len(pens)
    dashes = {tuple(theme.net_pen(unit, style).dashPattern()) for unit in ("plain", "residual") for style in range(4)}
    assert len(dashes) == 8
