"""The layers of a net as rows of numbers: grouped, sorted and filtered, and each cell as a person reads it.

A row is a layer, or a group of them (a block, a stage) with the sums of its layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from resviz.analysis.counts import BYTES, MEMORY, MULTIPLY_ADDS, PARAMETERS, Convention, Counts, exact, short_bytes
from resviz.analysis.explanation import FIELD, sides_text
from resviz.analysis.receptive_field import UNKNOWN, ReceptiveField, receptive_fields, unknown_fields
from resviz.analysis.text_tables import Table
from resviz.base.translation import _, ngettext
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Set

    from resviz.nets.graph import Graph, Layer

By = Literal["layer", "block", "stage"]


@dataclass(frozen=True)
class LayerRow:
    """A layer, or a group: its last layer is `layer`, its numbers are sums. `share` is of the net's FLOPs, 0 to 1."""

    name: str
    layer: Layer
    parameters: int
    flops: int
    activations: int
    share: float
    field: ReceptiveField
    members: tuple[str, ...] = ()
    """The names of a group's layers; of a layer, none."""

    @property
    def is_group(self) -> bool:
        """Whether the row sums up several layers."""
        return bool(self.members)


@dataclass(frozen=True)
class LayerColumn:
    """A column: `text` of a row as it is read, `value` as it is sorted by, `quantity` what explains a cell of it."""

    key: str
    title: str
    numeric: bool
    tip: str
    text: Callable[[LayerRow, Convention], str]
    value: Callable[[LayerRow], Any]
    quantity: str = ""
    priority: int = 0
    """Columns of high priority stand first on screen; copies and files have their own order."""


def _number(number: int) -> str:
    return exact(number) if number else ""


def _kind(row: LayerRow) -> str:
    return (
        ngettext("{count} layer", "{count} layers", len(row.members)).format(count=len(row.members))
        if row.is_group
        else row.layer.op.label()
    )


HEADINGS = [
    LayerColumn(
        "name",
        "layer",
        False,
        _("Name of the layer in a PyTorch state dict."),
        lambda row, _: row.name,
        lambda row: row.name,
        priority=100,
    ),
    LayerColumn("kind", "what", False, _("What the layer does."), lambda row, _: _kind(row), _kind, priority=40),
    LayerColumn(
        "output",
        "output",
        False,
        _("Output of the layer: channels × height × width, for one image."),
        lambda row, _: format_shape(row.layer.shape),
        lambda row: row.layer.shape,
        "output",
        priority=70,
    ),
    LayerColumn(
        "parameters",
        "params",
        True,
        PARAMETERS,
        lambda row, _: _number(row.parameters),
        lambda row: row.parameters,
        "parameters",
        priority=90,
    ),
    LayerColumn(
        "flops",
        "FLOPs",
        True,
        MULTIPLY_ADDS.text,
        lambda row, convention: _number(row.flops * convention.factor),
        lambda row: row.flops,
        "flops",
        priority=80,
    ),
    LayerColumn(
        "share",
        "share",
        True,
        _("Share of the net's FLOPs."),
        lambda row, _: f"{row.share:.1%}" if row.flops else "",
        lambda row: row.share,
        "flops",
        priority=50,
    ),
    LayerColumn(
        "field",
        "rec. field",
        True,
        _("Receptive field: how many pixels of the image one place of the output sees. {rule}.").format(rule=FIELD),
        lambda row, _: sides_text(row.field.size) if row.field != UNKNOWN else "",
        lambda row: row.field.size,
        "field",
        priority=60,
    ),
    LayerColumn(
        "stride",
        "stride",
        True,
        _("How many pixels of the image lie between neighbouring places of the output."),
        lambda row, _: sides_text(row.field.stride) if len(row.layer.shape) == 3 and row.field != UNKNOWN else "",
        lambda row: row.field.stride,
        "field",
        priority=10,
    ),
    LayerColumn(
        "activations",
        "activations",
        True,
        _("Numbers in the output. {rule}.").format(rule=MEMORY),
        lambda row, _: _number(row.activations),
        lambda row: row.activations,
        "activations",
        priority=30,
    ),
    LayerColumn(
        "bytes",
        "memory",
        True,
        MEMORY,
        lambda row, _: short_bytes(BYTES * row.activations) if row.activations else "",
        lambda row: row.activations,
        "activations",
        priority=20,
    ),
]
"""In the order in which they are shown. A new column is an entry here: table, copies and files follow."""


def layer_column(key: str) -> LayerColumn:
    """Return the column of a key. Raise StopIteration if there is none."""
    return next(column for column in HEADINGS if column.key == key)


@dataclass(frozen=True)
class LayerTable:
    """The rows of a net's layer table, and how they are filtered, grouped and sorted."""

    graph: Graph
    counts: Counts

    @cached_property
    def fields(self) -> dict[str, ReceptiveField]:
        """The receptive field of each layer; UNKNOWN where nobody can say."""
        return receptive_fields(self.graph) | dict.fromkeys(unknown_fields(self.graph), UNKNOWN)

    @cached_property
    def rows(self) -> tuple[LayerRow, ...]:
        """One row for each layer, in the order of the graph."""
        total = self.counts.flops or 1
        return tuple(
            LayerRow(
                row.layer.name,
                row.layer,
                row.parameters,
                row.flops,
                row.activations,
                row.flops / total,
                self.fields[row.layer.name],
            )
            for row in self.counts.rows
        )

    def view(
        self,
        by: By = "layer",
        sort: str = "",
        descending: bool = False,
        words: str = "",
        open_groups: Set[str] = frozenset(),
    ) -> list[LayerRow]:
        """Return the rows that the user asked for.

        Args:
            by: How rows are grouped. The layers of an open group follow its row.
            sort: Key of a heading to sort by. Groups are sorted by their sums.
            descending: Whether the largest comes first.
            words: A row is kept if each word occurs in its name, kind, output or stage.
            open_groups: Names of the open groups.
        """
        rows: Iterable[LayerRow] = self._matching(words)
        key = layer_column(sort).value if sort else None
        if by == "layer":
            return sorted(rows, key=key, reverse=descending) if key else list(rows)
        members: dict[str, list[LayerRow]] = {}
        for row in rows:
            members.setdefault(group_name(row.layer, by), []).append(row)
        groups = [_group(name, inner) for name, inner in members.items()]
        shown: list[LayerRow] = []
        for group in sorted(groups, key=key, reverse=descending) if key else groups:
            shown.append(group)
            if group.name in open_groups:
                inner = members[group.name]
                shown += sorted(inner, key=key, reverse=descending) if key else inner
        return shown

    def table(self, rows: Iterable[LayerRow], title: str, convention: Convention) -> Table:
        """Return some rows with every column, for a copy or a file."""
        return Table(
            tuple(heading.title for heading in HEADINGS),
            tuple(tuple(heading.text(row, convention) for heading in HEADINGS) for row in rows),
            tuple(heading.numeric for heading in HEADINGS),
            title,
            convention.text,
        )

    def _matching(self, words: str) -> Iterable[LayerRow]:
        wanted = words.lower().replace("×", "x").split()
        if not wanted:
            return self.rows
        return [row for row in self.rows if all(_has(row, word) for word in wanted)]


def group_name(layer: Layer, by: By) -> str:
    """Return the name of a layer's group. A layer without a group is a group of its own."""
    if by == "block":
        return layer.block or layer.stage or layer.name
    return layer.stage or layer.name


def _has(row: LayerRow, word: str) -> bool:
    """In its name, what it does or its output; or the whole name of its stage."""
    layer = row.layer
    texts = f"{layer.name} {layer.op.kind} {layer.op.label()} {format_shape(layer.shape)}".lower().replace("×", "x")
    return word in texts or word == layer.stage


def _group(name: str, rows: list[LayerRow]) -> LayerRow:
    last = rows[-1]
    return LayerRow(
        name,
        last.layer,
        sum(row.parameters for row in rows),
        sum(row.flops for row in rows),
        sum(row.activations for row in rows),
        sum(row.share for row in rows),
        last.field,
        tuple(row.name for row in rows),
    )
