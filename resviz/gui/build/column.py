"""A column of the depth table with all that is shown of it, resolved by one pure function. No Qt.

Views are handed a Column and compute nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from resviz.analysis.claims import Claim, flops_claim, parameters_claim
from resviz.analysis.counts import Counts, count
from resviz.nets import catalogue
from resviz.nets.depth_table import build
from resviz.nets.errors import NetError
from resviz.nets.graph import Graph
from resviz.nets.notation import Head, Stage, Stem
from resviz.nets.spec import NetSpec

STEM, HEAD = "conv1", "fc"
"""Keys of the first and the last row that hold cells; the rows between are the stages' numbers: "0", "1" ..."""


@dataclass(frozen=True)
class Column:
    spec: NetSpec
    graph: Graph
    counts: Counts
    claim: Claim | None

    def cell(self, row: str) -> str:
        """What stands in a row of the table, as it is typed; "" where this net has no such row."""
        if row == STEM:
            return str(self.spec.stem)
        if row == HEAD:
            return str(self.spec.head)
        return str(self.spec.stages[int(row)]) if int(row) < len(self.spec.stages) else ""

    def with_cell(self, row: str, text: str) -> Column:
        """The column with another text in a row; the last stage goes where its text is taken away.

        Raises NetError: the row, why, and what would do.
        """
        if row == STEM:
            return resolve(self.spec.with_options(stem=Stem.parse(text)))
        if row == HEAD:
            return resolve(self.spec.with_options(head=Head.parse(text)))
        stages, index = list(self.spec.stages), int(row)
        if index > len(stages):
            raise NetError(f"{self.spec.stage_name(len(stages))} comes first: a net has no gap between its stages")
        if index == len(stages) - 1 and not text.strip():
            del stages[index]
        elif index < len(stages) or text.strip():
            stages[index : index + 1] = [Stage.parse(text)]
        return resolve(self.spec.with_options(stages=stages))

    def output_size(self, row: str) -> str:
        """Height × width behind the row's last layer, or behind each part of the stem; "" where there is none."""
        if row == STEM:
            stem = self._stem_layers()
            parts = [self.graph[name].shape for name in stem]
            return "; ".join(f"{height}×{width}" for _, height, width in parts)
        stage = self.stage_of(row)
        shapes = [layer.shape for layer in self.graph.layers if stage and layer.stage == stage]
        if not shapes:
            return ""
        return f"{shapes[-1][1]}×{shapes[-1][2]}" if len(shapes[-1]) == 3 else "1×1"

    def stage_names(self) -> list[str]:
        return [self.spec.stage_name(index) for index in range(len(self.spec.stages))]

    def _stem_layers(self) -> list[str]:
        """The convolutions and poolings before the first block."""
        before = takewhile(lambda layer: not layer.block, self.graph.layers)
        return [layer.name for layer in before if layer.op.kind in ("conv", "max pool")]

    def stage_of(self, row: str) -> str:
        """The name that the graph's layers give a row: "conv3_x"; "" for a stage that this net has not."""
        if row in (STEM, HEAD):
            return row
        return self.spec.stage_name(int(row)) if row.isdigit() and int(row) < len(self.spec.stages) else ""

    def row_of(self, stage: str) -> str | None:
        """The table's row of a stage's name; None for a layer that belongs to none."""
        if stage in (STEM, HEAD):
            return stage
        names = self.stage_names()
        return str(names.index(stage)) if stage in names else None


def resolve(spec: NetSpec) -> Column:
    """Everything shown of a net. Raises NetError where there can be none."""
    graph = build(spec)
    counts = count(graph)
    return Column(spec, graph, counts, flops_claim(spec, counts) or parameters_claim(spec, counts))


FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "resnet": ("ResNet", ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")),
    "plain": ("plain", ("plain18", "resnet18", "plain34", "resnet34")),
    "cifar": ("CIFAR", ("cifar-plain20", "cifar-resnet20", "cifar-resnet56", "cifar-resnet110")),
    "vgg": ("VGG", ("vgg11", "vgg13", "vgg16c", "vgg16", "vgg19")),
}
"""The depth tables one click away: key, title and the columns' names in the catalogue."""


def family(key: str) -> list[Column]:
    return [resolve(catalogue.find(name)) for name in FAMILIES[key][1]]
