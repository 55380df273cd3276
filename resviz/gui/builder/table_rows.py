"""The rows of the depth table: the parts of a net that are typed, and the totals below them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from resviz.base.translation import N_


class CellRow(Enum):
    """A row with a part of the net that is no stage."""

    N = "n"
    """Section 4.2's one number: its nets have 6n+2 layers."""
    STEM = "conv1"
    HEAD = "fc"


@dataclass(frozen=True)
class StageRow:
    """The row of a stage, counted from 0 over all nets of the table."""

    index: int


class TotalRow(Enum):
    """A row with a number that is computed; its value is the row's name."""

    WEIGHT_LAYERS = N_("weight layers")
    PARAMETERS = N_("parameters")
    FLOPS = "FLOPs"
    MEMORY = N_("memory")
    RECEPTIVE_FIELD = N_("receptive field")
    PRINTED = N_("paper prints")

    @property
    def quantity(self) -> str:
        """The name of the number in `analysis.explanation`."""
        names = {TotalRow.FLOPS: "flops", TotalRow.MEMORY: "activations", TotalRow.RECEPTIVE_FIELD: "field"}
        return names.get(self, self.value)


TableRow = CellRow | StageRow | TotalRow
Part = CellRow | StageRow | str
"""What an edit changes: a row of the table, or an option by the name of its NetSpec field."""
