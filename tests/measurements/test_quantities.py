"""What is declared of each quantity: an axis that shows what it can be, and limits that a file can't pass."""

import pytest
from pydantic import ValidationError

from resviz.measurements.quantities import declared_quantities
from resviz.measurements.quantity import Quantity

SPANS = {"saturation": (0.0, 1.0), "gradient_cosine": (-1.0, 1.0)}
"""All values that a share and a cosine can have."""


def test_an_axis_shows_all_that_a_share_or_a_cosine_can_be() -> None:
    assert {quantity.name: quantity.span for quantity in declared_quantities() if quantity.span} == SPANS


def test_what_is_drawn_on_a_log_scale_is_never_negative() -> None:
    assert all(quantity.span is None or quantity.span[0] > 0 for quantity in declared_quantities() if quantity.log)


@pytest.mark.parametrize(("values", "fits"), [(0, False), (1, True), (10_000, True), (10_001, False)])
def test_a_place_has_from_one_to_ten_thousand_numbers(values: int, fits: bool) -> None:
    fields = {"name": "q", "title": "q", "label": "q", "formula": "", "source": "", "values": values}
    if fits:
        assert Quantity.model_validate(fields).values == values
    else:
        with pytest.raises(ValidationError):
            Quantity.model_validate(fields)
