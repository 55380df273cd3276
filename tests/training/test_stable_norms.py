"""Norms that are taken in parts are those of float64, whatever the size, the layout and the magnitude."""

from __future__ import annotations

import math

import pytest
import torch

from resviz.training.stable_norms import copied_norm, distance, l2_norm

SHAPES = [(7,), (300, 500), (3, 4, 5, 6), (70_000,), (131_072,)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e25])
@pytest.mark.parametrize("layout", ["contiguous", "channels last", "transposed", "mixed"])
def test_a_distance_and_a_copied_norm_are_those_of_float64(shape: tuple[int, ...], scale: float, layout: str) -> None:
    random = torch.Generator().manual_seed(1)
    a, b = (torch.randn(shape, generator=random) * scale for _number in range(2))
    if layout == "channels last" and len(shape) == 4:
        a, b = (x.to(memory_format=torch.channels_last) for x in (a, b))
    elif layout == "transposed" and len(shape) == 2:
        a, b = a.T, b.T
    elif layout == "mixed" and len(shape) == 4:
        a = a.to(memory_format=torch.channels_last)
    copy = torch.empty_like(b)
    assert copied_norm(a, copy) == pytest.approx(float(a.double().norm()), rel=1e-5)
    assert torch.equal(copy, a)
    assert distance(a, b) == pytest.approx(float((a.double() - b.double()).norm()), rel=1e-5)
    assert distance(a, copy) == 0.0


def test_of_what_is_0_and_of_what_is_none_the_norm_is_that() -> None:
    zeros, broken = torch.zeros(100_000), torch.zeros(100_000)
    broken[70_000] = math.nan
    assert l2_norm(zeros) == distance(zeros, zeros) == copied_norm(zeros, torch.ones(100_000)) == 0.0
    assert math.isnan(float(l2_norm(broken)))
    assert math.isnan(float(distance(broken, zeros)))
    assert math.isnan(float(distance(broken, broken)))
    smallest = zeros.clone()
    smallest[3] = 1e-45
    assert l2_norm(smallest) == distance(smallest, zeros) == pytest.approx(1e-45, rel=0.5)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_types_are_measured_too(dtype: torch.dtype) -> None:
    a, b = torch.randn(1000).to(dtype), torch.randn(1000).to(dtype)
    copy = torch.empty_like(a)
    assert float(copied_norm(a, copy)) == pytest.approx(float(a.double().norm()), rel=1e-2)
    assert torch.equal(copy, a)
    assert float(distance(a, b)) == pytest.approx(float((a.double() - b.double()).norm()), rel=1e-2)
