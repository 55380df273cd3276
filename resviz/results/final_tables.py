"""The papers' tables of final errors, with columns of one's own: each figure says whose it is.

An own error is that of the last weights on held-out images, in per cent, and over several seeds their mean ± sample
standard deviation, as table 6 of "Deep Residual Learning" prints its 110 layers.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.analysis.claims.accuracy import paper_name
from resviz.analysis.claims.facts import RESNET_PAPER, facts
from resviz.analysis.counts import exact, short
from resviz.base.translation import _
from resviz.results.run_summary import trained_runs
from resviz.results.setting_titles import setting_title
from resviz.runs.settings import MEASURING, NOTHING, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from resviz.results.run_summary import RunSummary, TrainedRun

_RESULTS = frozenset({"device", "steps done", "last loss", "held-out error", "best held-out error", "state", "seed"})
_NOTE = _(
    "Own columns: held-out error with the last weights, in percent; over several seeds mean ± "
    "sample standard deviation (number of runs). FLOPs are multiply-adds."
)
_OF_THE_NET = frozenset(
    {"input", "classes", "stem", "stages", "unit", "head", "shrink", "bias", "columns", "gate_bias"}
)


@dataclass(frozen=True)
class SeedGroup:
    """Runs that are equal in all but their seed: `errors` are shares of wrong answers, one a seed."""

    runs: tuple[TrainedRun, ...]

    @property
    def first(self) -> TrainedRun:
        """The first run of the group. All have the same net and recipe, up to the seed."""
        return self.runs[0]

    @property
    def errors(self) -> tuple[float, ...]:
        """Held-out errors with the last weights, each seed once: a copied folder is not a second measurement."""
        found: dict[int, float] = {}
        for run in self.runs:
            info = run.info
            last = info.state == "finished" or (info.error_step == info.steps and info.steps > 0)
            if last and info.error is not None and math.isfinite(info.error):
                found[info.seed] = info.error
        return tuple(found.values())

    @property
    def mean(self) -> float | None:
        """Mean held-out error of the runs that have one, in percent. None if no run has one."""
        return statistics.fmean(self.errors) if self.errors else None

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation, or None for fewer than two errors."""
        return statistics.stdev(self.errors) if len(self.errors) > 1 else None

    @property
    def text(self) -> str:
        """In per cent: 6.61 ± 0.16 (5)."""
        if self.mean is None:
            return NOTHING
        if self.deviation is None:
            return f"{self.mean * 100:.2f}"
        return f"{self.mean * 100:.2f} ± {self.deviation * 100:.2f} ({len(self.errors)})"


@dataclass(frozen=True)
class FinalTable:
    """A table of errors. `own` are the numbers that were measured here, and `note` gives the source of the others."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    own: tuple[int, ...]
    note: str


def group_by_seed(runs: Iterable[RunSummary]) -> list[SeedGroup]:
    """Run that differ in nothing but their seed, together; the order is that of the first of each."""
    together: dict[tuple[str, ...], list[TrainedRun]] = {}
    for run in trained_runs(runs):
        run_settings = {**settings(run.info, run.spec), "net": run.label}
        key = tuple(f"{name}={text}" for name, text in sorted(run_settings.items()) if name not in _RESULTS | MEASURING)
        together.setdefault(key, []).append(run)
    return [SeedGroup(tuple(found)) for found in together.values()]


def variations(groups: Sequence[SeedGroup]) -> dict[str, list[SeedGroup]]:
    """Return what varies in each group besides the net's depth table and the seed: "digits16, batch".

    With one variation return its data set. A net without shortcuts belongs to every shortcut option.
    """
    run_settings = [settings(group.first.info, group.first.spec) for group in groups]
    names = [
        name
        for name in dict.fromkeys(n for one in run_settings for n in one)
        if name not in _RESULTS | MEASURING | _OF_THE_NET
    ]
    texts = {name: {one.get(name, NOTHING) for one in run_settings} for name in names}
    differing = [name for name in names if name != "data" and len(texts[name] - _no_option(name)) > 1]
    found: dict[tuple[str, ...], list[SeedGroup]] = {}
    keys = [tuple(one.get(name, NOTHING) for name in ("data", *differing)) for one in run_settings]
    for key in keys:
        if not any(other != key and _stands_for(key, other) for other in keys):
            found.setdefault(key, [])
    for group, key in zip(groups, keys, strict=True):
        for other, members in found.items():
            if _stands_for(key, other):
                members.append(group)
    return {", ".join(filter(None, map(_short, ("data", *differing), key))): members for key, members in found.items()}


def _no_option(name: str) -> set[str]:
    return {NOTHING} if name == "shortcut" else set()


def _stands_for(key: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Return whether runs of one variation belong to another: equal, but where they have no such setting."""
    return all(a in (b, NOTHING) for a, b in zip(key, other, strict=True))


def _short(name: str, text: str) -> str:
    if text == NOTHING:
        return ""
    return (
        text
        if not text.replace(".", "").replace(",", "").replace("e-", "").isdigit()
        else f"{setting_title(name)} {text}"
    )


def own(runs: Sequence[RunSummary]) -> FinalTable:
    """Return a table of errors with depth, parameters and FLOPs."""
    found = _OwnColumns(runs)
    nets = sorted({_net(run) for run in trained_runs(runs)}, key=lambda net: (net[1], net[0]))
    rows = [
        (label, str(depth), exact(parameters), short(flops), *found.cells(_net, net))
        for net in nets
        for label, depth, parameters, flops in [net]
    ]
    return found.table(_("Final errors, %"), (_("net"), _("layers"), _("parameters"), "FLOPs"), rows, key=2)


def table2(runs: Sequence[RunSummary]) -> FinalTable:
    """Return table 2: plain against residual nets, by depth. The paper uses option A."""
    printed = _imagenet_errors()
    of_units = [run for run in trained_runs(runs) if run.spec.unit in _UNITS]
    found = _OwnColumns(of_units)
    rows = []
    for depth in sorted({18, 34} | {run.depth for run in of_units}):
        option = " A" if depth == 34 else ""
        paper = [printed.get(name, (NOTHING,))[0] for name in (f"plain-{depth}", f"ResNet-{depth}{option}")]
        rows.append((_("{count} layers").format(count=depth), *paper, *found.cells(_depth, depth, by_unit=True)))
    note = _("{paper}, table 2: top-1 error on ImageNet's validation set, 10-crop, option A.").format(
        paper=RESNET_PAPER
    )
    return found.table(
        _("Table 2: plain and residual nets"), ("", _("plain, paper"), _("ResNet, paper")), rows, note, by_unit=True
    )


def table3(runs: Sequence[RunSummary]) -> FinalTable:
    """Return the methods of table 3, by their names there."""
    found, printed = _OwnColumns(runs), _imagenet_errors()
    names = dict.fromkeys([*map(_method, trained_runs(runs)), *printed])
    rows = [
        (
            name,
            *printed.get(name, (NOTHING, NOTHING)),
            *found.cells(_method, name),
        )
        for name in names
    ]
    note = _("{paper}, tables 2 and 3: ImageNet's validation set, 10-crop.").format(paper=RESNET_PAPER)
    return found.table(_("Table 3: methods"), (_("method"), _("top-1, paper"), _("top-5, paper")), rows, note)


def table6(runs: Sequence[RunSummary]) -> FinalTable:
    """Return the CIFAR ResNets of section 4.2, by depth, and other nets below each other."""
    found = _OwnColumns(runs)
    printed = {
        f"cifar-resnet{depth}": (depth, f"{size} M", error) for depth, size, error in facts("resnet")["cifar"]["rows"]
    }
    rows = [
        ("ResNet", str(depth), size, _printed(error), *found.cells(lambda run: run.spec.name, name))
        for name, (depth, size, error) in printed.items()
    ]
    others = {_net(run) for run in trained_runs(runs) if run.spec.name not in printed}
    rows += [
        (net[0], str(net[1]), short(net[2]), NOTHING, *found.cells(_net, net))
        for net in sorted(others, key=lambda net: (net[1], net[0]))
    ]
    note = _("{paper}, table 6: CIFAR-10's test set; for 110 layers the best of five runs (mean ± deviation).").format(
        paper=RESNET_PAPER
    )
    return found.table(
        _("Table 6: CIFAR nets"), (_("method"), _("layers"), _("parameters"), _("CIFAR-10, paper")), rows, note, key=2
    )


TABLES = {"own": own, "table2": table2, "table3": table3, "table6": table6}
_UNITS = {"plain": "plain", "residual": "ResNet"}


class _OwnColumns:
    """One's own columns: one a variation, or one a variation and unit."""

    def __init__(self, runs: Sequence[RunSummary]) -> None:
        self._variations = variations(group_by_seed(runs))

    def cells(self, of: Callable[[TrainedRun], object], value: object, *, by_unit: bool = False) -> list[str]:
        """Return the errors of those runs `of` which it is a value, a text a column."""
        return [
            " / ".join(g.text for g in groups if of(g.first) == value and unit in (None, g.first.spec.unit)) or NOTHING
            for groups in self._variations.values()
            for unit in (_UNITS if by_unit else (None,))
        ]

    def table(
        self,
        title: str,
        headings: tuple[str, ...],
        rows: Sequence[tuple[str, ...]],
        note: str = "",
        *,
        key: int = 1,
        by_unit: bool = False,
    ) -> FinalTable:
        variations_ = self._variations
        columns = (
            [f"{unit}, {name}" for name in variations_ for unit in _UNITS.values()] if by_unit else list(variations_)
        )
        width, names = len(headings), (*headings, *columns)
        # What was measured here stands beside what it is of, in sight however narrow the table is.
        order = [*range(key), *range(width, len(names)), *range(key, width)]
        moved = [tuple(row[place] for place in order) for row in (names, *rows)]
        own_ones = tuple(range(key, key + len(columns)))
        return FinalTable(title, moved[0], tuple(moved[1:]), own_ones, f"{note} {_NOTE}".strip())


def _net(run: TrainedRun) -> tuple[str, int, int, int]:
    return run.label, run.depth, run.parameters, run.flops


def _depth(run: TrainedRun) -> int:
    return run.depth


def _method(run: TrainedRun) -> str:
    return paper_name(run.spec) or run.label


def _imagenet_errors() -> dict[str, tuple[str, str]]:
    """Of tables 2 and 3 what each net's top-1 and top-5 errors are."""
    rows = facts("resnet")["imagenet_error"][0]["rows"]
    return {name: (_printed(top1), _printed(top5)) for name, top1, top5 in rows}


def _printed(value: object) -> str:
    return NOTHING if value == "-" else str(value).replace("+-", "±")
