"""What can stand in a cell that is being typed into: the papers' own, and what stands in the table. No Qt."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from resviz.gui.builder.table_rows import CellRow, StageRow
from resviz.nets import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from resviz.gui.builder.open_net import OpenNet

MAX_COMPLETIONS = 8
_REPEATED = re.compile(r"\]x?\d+$")


def pretty(cell: str) -> str:
    """Return a cell's text with the paper's signs: [3×3, 64; 3×3, 64] ×3."""
    return re.sub(r"(?<=\d)x(?=\d)|x(?=\d+$)", "×", cell).replace(",", ", ")


def completions(row: CellRow | StageRow, typed: str, columns: Iterable[OpenNet]) -> list[str]:
    """Return texts for a row of the table that complete what is typed, best first.

    Texts that begin with what is typed come before texts that contain it. Texts from the row's other columns come
    before those of the papers' nets.
    """
    wanted = _bare(typed)
    if re.fullmatch(r"x\d*", wanted):  # how often the block is repeated, which is whole as it is
        return []
    papers = _papers(row) if isinstance(row, CellRow) else _papers(None)
    known = dict.fromkeys([column.cell(row) for column in columns] + list(papers))
    texts = [text for text in known if text and not _only_a_number_more(wanted, _bare(text))]
    begins = [text for text in texts if _bare(text).startswith(wanted)]
    holds = [text for text in texts if wanted in _bare(text) and text not in begins]
    return [pretty(text) for text in (*begins, *holds)][:MAX_COMPLETIONS]


def _only_a_number_more(typed: str, text: str) -> bool:
    """Return whether a text is the typed one, or has only more digits at its end: ×2 is not to become ×200."""
    rest = text.removeprefix(typed)
    return text == typed or (rest != text and bool(_REPEATED.search(typed)) and rest.isdigit())


@cache
def _papers(row: CellRow | None) -> tuple[str, ...]:
    """Return every text that the catalogue's nets have in a row; None stands for every stage."""
    specs = [catalogue.find(name) for name in catalogue.names()]
    texts: dict[CellRow | None, Callable[[], list[str]]] = {
        CellRow.STEM: lambda: [str(spec.stem) for spec in specs],
        CellRow.HEAD: lambda: [str(spec.head) for spec in specs],
        CellRow.N: list,
        None: lambda: [str(stage) for spec in specs for stage in spec.stages],
    }
    return tuple(dict.fromkeys(texts[row]()))


def _bare(text: str) -> str:
    """Return what two ways of writing a cell share: neither spaces nor which sign stands for ×."""
    return re.sub(r"\s+", "", text).lower().replace("×", "x").replace("stride", "/")
