"""A table as text: tab-separated, CSV, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LATEX = {"\\": r"\textbackslash{}", "×": r"$\times$", "²": r"$^2$", "⌊": r"$\lfloor$", "⌋": r"$\rfloor$"}
_LATEX |= {sign: "\\" + sign for sign in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True)
class Table:
    """A table of texts. `numeric` says which columns are aligned to the right, and `note` explains them."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    title: str = ""
    note: str = ""

    def to_tsv(self) -> str:
        """Return the table as tab-separated text for a spreadsheet. Numbers have no spaces."""
        lines = [self.headings, *map(self._bare, self.rows)]
        return (
            "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line) for line in lines) + "\n"
        )

    def to_csv(self) -> str:
        """Return the table as CSV (RFC 4180). Numbers have no spaces."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.headings)
        writer.writerows(map(self._bare, self.rows))
        return out.getvalue()

    def to_markdown(self) -> str:
        """Return the table as Markdown, with its title above and its note below."""
        marks = ("---:" if numeric else "---" for numeric in self.numeric)
        lines = [self.headings, tuple(marks), *self.rows]
        body = "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
        )
        return "\n\n".join(part for part in (f"**{self.title}**" if self.title else "", body, self.note) if part) + "\n"

    def to_latex(self) -> str:
        """Return the table as a LaTeX tabular, with the rules of the booktabs package."""
        columns = "".join("r" if numeric else "l" for numeric in self.numeric)
        lines = [" & ".join(map(_latex, row)) + r" \\" for row in (self.headings, *self.rows)]
        body = [r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
        comment = [f"% {part}" for part in (self.title, self.note) if part]
        return "\n".join([*comment, rf"\begin{{tabular}}{{{columns}}}", *body, r"\end{tabular}"]) + "\n"

    def _bare(self, row: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            cell.replace(" ", "") if is_number else cell for cell, is_number in zip(row, self.numeric, strict=True)
        )


FORMATS: dict[str, tuple[str, Callable[[Table], str]]] = {
    "csv": ("CSV", Table.to_csv),
    "md": ("Markdown", Table.to_markdown),
    "tex": ("LaTeX", Table.to_latex),
    "tsv": ("tab-separated", Table.to_tsv),
}
"""By a file's ending: the format's name and how a table is written in it."""


def _latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text).replace("\n", " ")
