"""A column of the depth table with all that is shown of it, resolved by one pure function. No Qt.

Views are given an OpenNet and compute nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from resviz.analysis.claims.facts import Claim, flops_claim, parameters_claim
from resviz.analysis.counts import Counts, count
from resviz.analysis.layer_table import LayerTable
from resviz.analysis.receptive_field import net_receptive_field
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.gui.builder.table_rows import CellRow, StageRow, TableRow
from resviz.nets.build import build
from resviz.nets.head_notation import Head
from resviz.nets.notation import LRN, MAX_REPEATS, Stage, Stem
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from resviz.analysis.receptive_field import ReceptiveField
    from resviz.nets.graph import Graph
    from resviz.nets.spec import NetSpec

_REPEATS_ALONE = re.compile(r"\s*[x×]\s*(\d{1,4})\s*")
"""A cell's text that says only how often its block is repeated."""
_REPEATS = re.compile(r"(?<=\])\s*x\d+$")


class ResolvedNet:
    """What follows from a spec. It is computed when it is asked for, and can be forgotten: it takes megabytes."""

    def __init__(self, spec: NetSpec) -> None:
        self._spec = spec

    @cached_property
    def graph(self) -> Graph:
        """The net. Raise NetError if it is not valid."""
        return build(self._spec)

    @cached_property
    def counts(self) -> Counts:
        """What is counted of it."""
        return count(self.graph)

    @cached_property
    def claim(self) -> Claim | None:
        """What the paper prints of it."""
        return flops_claim(self._spec, self.counts) or parameters_claim(self._spec, self.counts)

    @cached_property
    def layers(self) -> LayerTable:
        """The net's layer table."""
        return LayerTable(self.graph, self.counts)

    @cached_property
    def receptive_field(self) -> tuple[str, ReceptiveField] | None:
        """The last convolution and what one place of its output sees of the image; None without convolutions."""
        return net_receptive_field(self.graph, self.layers.fields)

    def forget(self) -> None:
        """Forget what was computed, until it is asked for again."""
        spec = self._spec
        vars(self).clear()
        self._spec = spec


@dataclass(frozen=True)
class OpenNet:
    """Two are equal if their nets and their places are: the rest is computed from them."""

    spec: NetSpec
    resolved: ResolvedNet = field(compare=False)
    first_row: int = 0
    """The table's row of its first stage: nets of one table stand side by side by the size of their maps."""
    first_colour: int = 0
    """The row of the table that has the first of the stages' colours: that of the net that starts last, so that its
    stages have the colours that they have alone, and those of figure 3."""

    @property
    def graph(self) -> Graph:
        """The net."""
        return self.resolved.graph

    @property
    def counts(self) -> Counts:
        """What is counted of it."""
        return self.resolved.counts

    @property
    def claim(self) -> Claim | None:
        """What the paper prints of it."""
        return self.resolved.claim

    @property
    def layers(self) -> LayerTable:
        """The net's layer table."""
        return self.resolved.layers

    @property
    def receptive_field(self) -> tuple[str, ReceptiveField] | None:
        """The last convolution and what one place of its output sees of the image; None without convolutions."""
        return self.resolved.receptive_field

    def cell(self, row: TableRow) -> str:
        """Return the text of a row as it is typed, or "" if this net has no such row."""
        if row is CellRow.STEM:
            return str(self.spec.stem)
        if row is CellRow.HEAD:
            return str(self.spec.head)
        if row is CellRow.N:
            return str(self.n or "")
        index = self._stage_index(row)
        return "" if index is None else str(self.spec.stages[index])

    def with_cell(self, row: CellRow | StageRow, text: str) -> OpenNet:
        """Return the column with another text in a row; the last stage goes where its text is taken away.

        Raises NetError: the row, why, and what would do.
        """
        if row is CellRow.STEM:
            return self.with_spec(self.spec.with_options(stem=Stem.parse(text)))
        if row is CellRow.HEAD:
            return self.with_spec(self.spec.with_options(head=Head.parse(text)))
        if not isinstance(row, StageRow):
            return self.with_spec(self._with_n(text))
        stages, index = list(self.spec.stages), row.index - self.first_row
        if index < 0:
            raise NetError(
                _("{stage} is the first stage of this net. Write what comes before it into the stem.").format(
                    stage=self.spec.stage_name(0)
                )
            )
        if index > len(stages):
            raise NetError(
                _("Fill in {stage} first. A net has no gaps between its stages.").format(
                    stage=self.spec.stage_name(len(stages))
                )
            )
        if index == len(stages) - 1 and not text.strip():
            del stages[index]
        elif index < len(stages) or text.strip():
            stages[index : index + 1] = [_stage(text, stages[index] if index < len(stages) else None)]
        return self.with_spec(self.spec.with_options(stages=stages))

    def with_spec(self, spec: NetSpec) -> OpenNet:
        """Return another net at the same place. Raise NetError if it is not valid."""
        return replace(resolve(spec), first_row=self.first_row, first_colour=self.first_colour)

    @property
    def n(self) -> int | None:
        """The number n of a net of section 4.2, with three stages of 2n 3×3 convolutions. None for other nets."""
        blocks = [stage.only for stage in self.spec.stages]
        found = [block for block in blocks if block and [cell.kernel for cell in block.cells] == [3, 3]]
        alike = len({block.repeats for block in found}) == 1
        return found[0].repeats if len(found) == len(blocks) == 3 and alike else None

    def _with_n(self, text: str) -> NetSpec:
        if not (text.strip().isascii() and text.strip().isdigit() and 1 <= int(text.strip()[:9]) <= MAX_REPEATS):
            raise NetError(
                _("n: {text} is not valid. Use 1 to {most}; section 4.2 uses 3, 5, 7, 9, 18 and 200.").format(
                    text=repr(text[:20]), most=MAX_REPEATS
                )
            )
        if self.n is None:
            raise NetError(
                _(
                    "Only nets of section 4.2 have a number n: three stages with the same number of blocks of two "
                    "3×3 convolutions."
                )
            )
        spec, n = self.spec, int(text.strip())
        before, depth = rf"(?<!\d){6 * self.n + 2}$", str(6 * n + 2)
        renamed = {"name": re.sub(before, depth, spec.name), "title": re.sub(before, depth, spec.title)}
        return spec.with_options(
            stages=[Stage.of(block.cells, n) for stage in spec.stages for block in stage.blocks], **renamed
        )

    def output_size(self, row: TableRow) -> str:
        """Return the height × width of a row's maps after its last convolution, or after each part of the stem.

        Return "" if the row has none.
        """
        if row is CellRow.STEM:
            drawn = [part for part in self.spec.stem.parts if not isinstance(part, LRN)]
            sized = [
                layer.shape for layer in self.graph.layers if layer.op.kind in ("conv", "max pool", "average pool")
            ]
            return "; ".join(format_shape(shape[1:]) for shape in sized[: len(drawn)])
        stage = self.row_stage(row)
        if not stage:
            return ""
        if row is CellRow.HEAD and len(self.graph.output.shape) == 3:
            return format_shape(self.graph.output.shape[1:])
        shapes = [layer.shape for layer in self.graph.layers if layer.stage == stage and layer.op.kind == "conv"]
        return f"{shapes[-1][1]}×{shapes[-1][2]}" if shapes else "1×1"

    def stage_rows(self) -> dict[str, int]:
        """The row of each stage, by its name."""
        return {self.spec.stage_name(index): index + self.first_row for index in range(len(self.spec.stages))}

    def stage_colours(self) -> dict[str, int]:
        """The number of each stage's colour, by its name."""
        return {name: self.colour_of_row(row) for name, row in self.stage_rows().items()}

    def colour_of_row(self, row: int) -> int:
        """Return the number of a row's stage colour."""
        return row - self.first_colour

    def stage_sizes(self) -> list[tuple[int, ...]]:
        """Return the height and width of each stage's maps after its last convolution."""
        sizes = {
            layer.stage: layer.shape[1:]
            for layer in self.graph.layers
            if layer.op.kind == "conv" and not layer.on_shortcut
        }
        return [sizes[stage] for stage in self.stage_rows()]

    def row_stage(self, row: TableRow) -> str:
        """Return the name of the stage in a row."""
        if row in (CellRow.STEM, CellRow.HEAD):
            return str(row.value)
        index = self._stage_index(row)
        return "" if index is None else self.spec.stage_name(index)

    def stage_row(self, stage: str) -> CellRow | StageRow | None:
        """Return the row of a stage, or None."""
        if stage in (CellRow.STEM.value, CellRow.HEAD.value):
            return CellRow(stage)
        row = self.stage_rows().get(stage)
        return None if row is None else StageRow(row)

    def _stage_index(self, row: TableRow) -> int | None:
        """Return which of this net's stages stands in a row; None where none does."""
        index = row.index - self.first_row if isinstance(row, StageRow) else -1
        return index if 0 <= index < len(self.spec.stages) else None


def resolve(spec: NetSpec) -> OpenNet:
    """Return a net with everything that is shown of it. Raise NetError if it is not valid."""
    resolved = ResolvedNet(spec)
    resolved.graph  # noqa: B018 - it raises what is wrong with the spec
    return OpenNet(spec, resolved)


def aligned(nets: list[OpenNet]) -> list[OpenNet]:
    """Return the nets with maps of one size in one row, as figure 3 places VGG-19 beside ResNet-34.

    A net whose sizes don't fit begins in the first row.
    """
    sizes = [column.stage_sizes() for column in nets]
    levels = sorted({size for own in sizes for size in own}, reverse=True)
    places = [levels.index(own[0]) if own else 0 for own in sizes]
    fits = all(levels[place : place + len(own)] == own for place, own in zip(places, sizes, strict=True))
    if not fits:
        places = [0] * len(nets)
    first_colour = max(places, default=0)
    return [
        replace(column, first_row=place, first_colour=first_colour) for column, place in zip(nets, places, strict=True)
    ]


def _stage(text: str, before: Stage | None) -> Stage:
    """Return the stage of a cell's text. "×3" alone repeats the block that is there three times."""
    repeats = _REPEATS_ALONE.fullmatch(text)
    if repeats and before is not None and len(before.parts) == 1 and len(before.blocks) == 1:
        return Stage.parse(f"{_REPEATS.sub('', str(before))}x{repeats[1]}")
    return Stage.parse(text)
