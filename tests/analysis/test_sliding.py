"""A sliding window's outputs are torch's convolution and pooling, and what is written out comes to them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from resviz.analysis.sliding import KERNELS, Operation, Sliding, digits, shifted, unchanged

images = st.lists(st.lists(st.integers(0, 16).map(float), min_size=6, max_size=6), min_size=6, max_size=6)


@given(
    images,
    st.sampled_from(["convolution", "max pool", "average pool"]),
    st.sampled_from(list(KERNELS)),
    st.integers(1, 3),
    st.integers(0, 2),
)
@settings(deadline=None)
def test_outputs_are_those_of_torch(
    rows: list[list[float]], operation: Operation, kernel: str, stride: int, padding: int
) -> None:
    image = tuple(map(tuple, rows))
    padding = padding if operation == "convolution" else 0
    found = Sliding(image, operation, KERNELS[kernel], 2, stride, padding)
    x = torch.tensor(image, dtype=torch.float64)[None, None]
    if operation == "convolution":
        expected = functional.conv2d(
            x, torch.tensor(KERNELS[kernel], dtype=torch.float64)[None, None], None, stride, padding
        )
    elif operation == "max pool":
        expected = functional.max_pool2d(x, 2, stride)
    else:
        expected = functional.avg_pool2d(x, 2, stride)
    assert torch.allclose(torch.tensor(found.outputs, dtype=torch.float64), expected[0, 0])
    assert found.size == expected.shape[-1]


@pytest.mark.parametrize("operation", ["convolution", "max pool", "average pool"])
def test_what_is_written_out_comes_to_the_output(operation: Operation) -> None:
    sliding = Sliding(digits()[3][1], operation)
    for row in range(sliding.size):
        for column in range(sliding.size):
            written = sliding.written(row, column).replace("·", "*")
            assert eval(written) == pytest.approx(sliding.output(row, column))


def test_a_shift_moves_the_digit_and_pooling_changes_fewer_numbers_than_are_moved() -> None:
    image = digits()[0][1]
    assert shifted(image, 0) == image
    assert shifted(shifted(image, 2), -2)[3][:6] == image[3][:6]
    assert shifted(image, 1)[2][1:] == image[2][:-1]
    assert shifted(image, 1)[2][0] == 0
    pooled = Sliding(image, "max pool", stride=2)
    assert unchanged(pooled, pooled) == (16, 16)
    moved = Sliding(shifted(image, 1), "max pool", stride=2)
    same, count = unchanged(pooled, moved)
    assert 0 < same < count == 16


def test_the_digits_are_those_that_come_with_the_program() -> None:
    assert [label for label, _image in digits()] == list(range(10))
    assert digits()[0][1][0] == (0, 0, 5, 13, 9, 1, 0, 0)


@given(images)
@settings(deadline=None)
def test_the_identity_changes_nothing(rows: list[list[float]]) -> None:
    image = tuple(map(tuple, rows))
    assert Sliding(image, "convolution", KERNELS["identity"], padding=1).outputs == image


def test_the_kernels_are_what_their_names_say() -> None:
    """On a map of equal values, kernels that find edges give 0, and the mean gives the value."""
    even = ((4.0,) * 5,) * 5
    sums = {name: Sliding(even, "convolution", kernel).outputs[1][1] for name, kernel in KERNELS.items()}
    assert sums == pytest.approx(
        {"edges, upright": 0, "edges, level": 0, "outline": 0, "blur": 4.0, "identity": 4.0}, abs=1e-9
    )
