"""The depth table as it is kept between starts: its nets, what was typed that is no net, and what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from resviz.gui.builder.document import MAX_COLUMNS, Document, EditedNet
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.open_net import resolve
from resviz.gui.builder.table_rows import CellRow, StageRow
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.gui.builder.table_rows import Part


class StoredNet(BaseModel):
    """A net of the table: its spec, the spec that it was opened with, and typed text that is no net, by its part."""

    model_config = ConfigDict(frozen=True)

    spec: NetSpec
    opened: NetSpec
    drafts: dict[str, str] = {}


class StoredDocument(BaseModel):
    """The depth table."""

    model_config = ConfigDict(frozen=True)

    family: str
    nets: tuple[StoredNet, ...] = Field(min_length=1, max_length=MAX_COLUMNS)
    selected: int = 0
    side_by_side: tuple[int, ...] = ()


def store_document(document: Document) -> StoredDocument:
    """Return a document as it is kept."""
    return StoredDocument(
        family=document.family,
        nets=tuple(
            StoredNet(
                spec=net.open_net.spec,
                opened=net.paper,
                drafts={_part_name(part): draft.text for part, draft in net.drafts.items()},
            )
            for net in document.nets
        ),
        selected=document.selected_index,
        side_by_side=document.side_by_side,
    )


def restore_document(stored: StoredDocument) -> Document:
    """Return the document that was kept. Raise NetError if a net of it can't be built."""
    first, *others = (EditedNet(resolve(net.spec), net.opened) for net in stored.nets)
    document = Document(stored.family if stored.family in FAMILIES else "blank", (first,))
    for index, net in enumerate(others):
        document = document.choosing(index).with_net_after(net)
    for index, kept in enumerate(stored.nets):
        document = document.choosing(index)
        for name, text in kept.drafts.items():
            document = document.edited(_part(name), text)
    document = document.choosing(min(max(stored.selected, 0), len(stored.nets) - 1))
    for index in stored.side_by_side:
        if 0 <= index < len(stored.nets):
            document = document.with_side_by_side(index, True)
    return document


def _part_name(part: Part) -> str:
    if isinstance(part, CellRow):
        return f"row {part.name}"
    return f"stage {part.index}" if isinstance(part, StageRow) else f"option {part}"


def _part(name: str) -> Part:
    kind, _space, rest = name.partition(" ")
    if kind == "row" and rest in CellRow.__members__:
        return CellRow[rest]
    if kind == "stage" and rest.isdigit():
        return StageRow(int(rest))
    return rest
