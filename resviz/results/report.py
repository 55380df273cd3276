"""A comparison of runs as one HTML file: tables and figures, with nothing to fetch from anywhere.

Whatever names, notes and settings say, they are text here; a policy in the file's head keeps it from loading or running
anything, should that ever fail.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

import resviz
from resviz.results.final_tables import TABLES, FinalTable
from resviz.results.summary import COLUMNS, RunSummary
from resviz.runs.settings import differences, settings

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d1d1b; background: #fff; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: .88rem; } .wide { overflow-x: auto; }
th { text-align: left; color: #6c6b66; border-bottom: 1px solid #c9c8c2; }
th, td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
tr + tr td { border-top: 1px solid #eeede8; }
td.own { font-weight: 600; color: #2563c9; } .number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.2rem 0; } img { max-width: 100%; height: auto; } .dim { color: #6c6b66; font-size: .88rem; }
summary { cursor: pointer; }
"""


@dataclass(frozen=True)
class ReportFigure:
    """A figure: what it is of, as SVG; `about` says how its quantity is defined, and where that is from."""

    title: str
    svg: bytes
    about: str = ""


def report(runs: Sequence[RunSummary], names: Sequence[str], figures: Iterable[ReportFigure]) -> str:
    """The file's text; `names` are what the figures call the runs."""
    title = " against ".join(dict.fromkeys(run.label for run in runs)) if len(runs) < 4 else f"{len(runs)} runs"
    made = f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC, by Resviz {resviz.__version__}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p class='dim'>{escape(made)}. FLOPs are multiply-adds; errors are of held-out images.</p>",
        "<h2>Runs</h2>",
        _runs(runs, names),
    ]
    differing = differences([settings(run.info, run.spec) for run in runs])
    if differing:
        parts += ["<h2>What differs</h2>", _table(("", *names), [(name, *texts) for name, texts in differing])]
    for figure in figures:
        image = base64.b64encode(figure.svg).decode("ascii")
        about = f"<figcaption class='dim'>{escape(figure.about)}</figcaption>" if figure.about else ""
        alt = escape(f"{figure.title}: {', '.join(names)}", quote=True)
        parts.append(f'<figure><img alt="{alt}" src="data:image/svg+xml;base64,{image}">{about}</figure>')
    parts.append("<h2>Final errors</h2>")
    parts += [_final(make(runs)) for make in TABLES.values()]
    parts.append("<h2>Every setting</h2>")
    for run, name in zip(runs, names, strict=True):
        run_settings = [(key, text) for key, text in settings(run.info, run.spec).items()]
        versions = [(f"version of {key}", text) for key, text in run.info.versions.items()]
        body = _table(("", ""), [*run_settings, *versions, ("id", run.info.id)])
        parts.append(f"<details><summary>{escape(name)}</summary>{body}</details>")
    return "\n".join([*parts, "</body></html>\n"])


def _runs(runs: Sequence[RunSummary], names: Sequence[str]) -> str:
    columns = [column for column in COLUMNS if column.name != "net" and any(column.text(run) for run in runs)]
    numbers = {place for place, column in enumerate(columns, 1) if column.number}
    rows = [(name, *(column.text(run) for column in columns)) for run, name in zip(runs, names, strict=True)]
    return _table(("net", *(column.heading for column in columns)), rows, numbers)


def _final(table: FinalTable) -> str:
    numbers = set(range(1, len(table.headings)))
    body = _table(table.headings, table.rows, numbers, set(table.own))
    return f"<h3>{escape(table.title)}</h3>{body}<p class='dim'>{escape(table.note)}</p>"


def _table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: set[int] | frozenset[int] = frozenset(),
    own: set[int] | frozenset[int] = frozenset(),
) -> str:
    """`numbers` are the columns that are aligned to the right, `own` those that were measured here."""

    def kind(place: int) -> str:
        names = [name for name, places in (("number", numbers), ("own", own)) if place in places]
        return f" class='{' '.join(names)}'" if names else ""

    head = "".join(f"<th{kind(place)}>{escape(text)}</th>" for place, text in enumerate(headings))
    lines = ["".join(f"<td{kind(place)}>{escape(text)}</td>" for place, text in enumerate(row)) for row in rows]
    return f"<div class='wide'><table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></div>"
