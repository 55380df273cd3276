"""A comparison of runs as one HTML file: tables and figures, with nothing to fetch from anywhere.

Names, notes and settings are text: jinja2 escapes them. A policy in the file's head keeps the file from loading or
running anything, should that ever fail.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import resviz
from resviz.base.assets import asset_folder
from resviz.base.translation import _, language
from resviz.results.columns import COLUMNS
from resviz.results.final_tables import TABLES
from resviz.results.setting_titles import setting_title
from resviz.runs.settings import differences, settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import jinja2

    from resviz.results.run_summary import RunSummary


@dataclass(frozen=True)
class ReportFigure:
    """A figure of a report: its title and its picture as SVG. `about` defines its quantity, with the source."""

    title: str
    svg: bytes
    about: str = ""

    @property
    def svg_base64(self) -> str:
        """The picture for a data URL."""
        return base64.b64encode(self.svg).decode("ascii")


@cache
def report_template() -> jinja2.Template:
    """Return the template of reports. The first call takes as long as a report."""
    import jinja2  # when a report is made: nothing else needs it

    return jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined).from_string(
        (asset_folder("resources") / "report.html").read_text(encoding="utf-8")
    )


def report(
    runs: Sequence[RunSummary], names: Sequence[str], figures: Iterable[ReportFigure], warnings: Sequence[str] = ()
) -> str:
    """Return the file's text; `names` are what the figures call the runs. `warnings` stand above the figures."""
    labels = dict.fromkeys(run.label for run in runs)
    all_settings = [settings(run.info, run.spec) for run in runs]
    return report_template().render(
        _=_,
        language=language().replace("_", "-"),
        title=_(" against ").join(labels) if len(runs) < 4 else _("{count} runs").format(count=len(runs)),
        made=_("{date} UTC, by Resviz {version}").format(
            date=f"{datetime.now(UTC):%Y-%m-%d, %H:%M}", version=resviz.__version__
        ),
        names=list(names),
        runs=_run_table(runs, names),
        differing=[(setting_title(name), *texts) for name, texts in differences(all_settings)],
        figures=figures,
        warnings=list(warnings),
        finals=[make(runs) for make in TABLES.values()],
        every_setting=[
            (name, [*_titled(known), *_versions(run), (_("id"), run.info.id)])
            for run, name, known in zip(runs, names, all_settings, strict=True)
        ],
    )


def _run_table(
    runs: Sequence[RunSummary], names: Sequence[str]
) -> tuple[list[str], list[tuple[str, ...]], frozenset[int]]:
    """Return headings, rows, and which columns are numbers."""
    columns = [column for column in COLUMNS if column.name != "net" and any(column.text(run) for run in runs)]
    numbers = frozenset(place for place, column in enumerate(columns, 1) if column.number)
    rows = [(name, *(column.text(run) for column in columns)) for run, name in zip(runs, names, strict=True)]
    return [_("net"), *(column.heading for column in columns)], rows, numbers


def _titled(known: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(setting_title(key), text) for key, text in known.items()]


def _versions(run: RunSummary) -> list[tuple[str, str]]:
    return [(_("version of {name}").format(name=name), text) for name, text in run.info.versions.items()]
