"""Sweeps: a table of variations, each an ordinary run; what is left of one is known from the runs that there are.

A plan lies beside the runs, in `.sweeps/ID.json`. Its runs have the plan's id as their group, so that a sweep that was
killed goes on where it was: what is finished stays, what was begun is resumed, and the rest is new.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resviz.base.atomic_files import write_whole
from resviz.base.errors import NetError, ResvizError, RunError, UsageError
from resviz.base.translation import _
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.nets import catalogue
from resviz.nets.block_types import BLOCKS
from resviz.nets.build import build
from resviz.nets.spec import NetSpec, validate
from resviz.results.summary import summarize_run
from resviz.runs.folder import new_id, read_json
from resviz.runs.index import RunIndex
from resviz.runs.notes import write_notes
from resviz.training.data.data_sets import default_data_folder, describe
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resviz.results.run_summary import RunSummary

FAMILIES = {
    "plain": "cifar-plain",
    "residual": "cifar-resnet",
    "preactivation": "cifar-preresnet",
    "highway": "cifar-highway",
}
"""The catalogue's names of the nets of section 4.2 by their unit; a depth stands behind."""
MAX_VARIATIONS = 10_000
_PLANS = ".sweeps"


class Variation(BaseModel):
    """A net as it is trained, and its recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    spec: dict[str, Any]
    recipe: dict[str, Any]

    @property
    def net(self) -> NetSpec:
        """The net to train."""
        return validate(self.spec, _("plan of the sweep"))

    @property
    def config(self) -> TrainConfig:
        """The recipe to train it with."""
        return TrainConfig.model_validate(self.recipe)


class Sweep(BaseModel):
    """The plan of a sweep, as its file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str = Field(max_length=40, pattern=r"^[\w-]+$")
    title: str = Field("", max_length=40, pattern=r"^[^,\x00-\x1f]*$")
    """A tag of its runs."""
    variations: tuple[Variation, ...] = Field(min_length=1, max_length=MAX_VARIATIONS)


def combine_nets(depths: Sequence[int], units: Sequence[str], options: Mapping[str, Sequence[Any]]) -> list[NetSpec]:
    """Return every depth in every unit with every combination of the options. Raises NetError for what is no net."""
    if unknown := [unit for unit in units if unit not in BLOCKS]:
        raise NetError(
            _("The unit {unit} is not known. Use one of {units}.").format(unit=unknown[0], units=", ".join(BLOCKS))
        )
    return varied([_find_net(unit, depth) for depth in depths for unit in units], options)


def _find_net(unit: str, depth: int) -> NetSpec:
    """Return the CIFAR net of this unit; of a unit without a name in the catalogue, ResNet's table with its blocks."""
    if unit in FAMILIES:
        return catalogue.find(f"{FAMILIES[unit]}{depth}")
    return catalogue.find(f"cifar-resnet{depth}").with_options(unit=unit, name=f"cifar-{unit}{depth}", title="")


def varied(nets: Sequence[NetSpec], options: Mapping[str, Sequence[Any]]) -> list[NetSpec]:
    """Return each net with every combination of the options' values, each once: a plain net has no shortcut to vary."""
    found: dict[NetSpec, None] = {}
    for net in nets:
        own = {name: values for name, values in options.items() if name != "shortcut" or net.has_shortcuts}
        for values in itertools.product(*own.values()):
            found[net.with_options(**dict(zip(own, values, strict=True)))] = None
    return list(found)


def planned(
    nets: Sequence[NetSpec], recipe: TrainConfig, changes: Mapping[str, Sequence[Any]], title: str = ""
) -> Sweep:
    """Return every net with every combination of changes to the recipe.

    Seeds vary slowest, so that a part of a sweep has all variations for some seeds. Raise NetError or DataError before
    anything is trained.
    """
    names = sorted(changes, key=lambda name: name != "seed")
    variations = []
    for values in itertools.product(*(changes[name] for name in names)):
        config = TrainConfig.model_validate({**recipe.model_dump(), **dict(zip(names, values, strict=True))})
        info = describe(config.data, default_data_folder(config.data), config.image_side)
        for net in nets:
            spec = config.fitted(net, info)
            build(spec)
            variations.append(Variation(spec=_dumped(spec), recipe=config.model_dump(mode="json")))
    if not 0 < len(variations) <= MAX_VARIATIONS:
        raise UsageError(
            _("The sweep has {count} variations. Use 1 to {most}.").format(count=len(variations), most=MAX_VARIATIONS)
        )
    id = new_id()
    try:
        return Sweep(id=id, title=title or _("sweep {id}").format(id=id[-6:]), variations=tuple(variations))
    except ValidationError:
        raise UsageError(
            _("--title {title} is not valid. Use up to 40 letters without commas.").format(title=title[:60])
        ) from None


def _dumped(spec: NetSpec) -> dict[str, Any]:
    """As a run's file has it."""
    dumped: dict[str, Any] = json.loads(json.dumps(spec.model_dump()))
    return dumped


def save(sweep: Sweep, root: Path) -> Path:
    """Raise RunError where the folder can't be written."""
    path = root / _PLANS / f"{sweep.id}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, sweep.model_dump_json(indent=1).encode())
    except OSError as error:
        raise RunError(
            _("{path}: {reason}. Choose another folder with --out or RESVIZ_RUNS.").format(
                path=path, reason=error.strerror or error
            )
        ) from None
    return path


def ids(root: Path) -> list[str]:
    """Return the ids of the sweeps in a folder, newest first."""
    return sorted((path.stem for path in (root / _PLANS).glob("*.json")), reverse=True)


def load(id: str, root: Path, number: int | None = None) -> Sweep:
    """Read a sweep's plan.

    If only one variation of thousands is needed, give its `number`: then only this one is validated. Raise RunError if
    there is no sweep with this id, or its file is not a plan.
    """
    known = ids(root)
    if id not in known:  # so that no path is made of it
        raise RunError(
            _("There is no sweep {id} in {folder}. Known sweeps: {known}").format(
                id=id[:60], folder=root, known=", ".join(known[:5]) or _("none")
            )
        )
    path = root / _PLANS / f"{id}.json"
    sweep = read_json(path, Sweep)
    for variation in sweep.variations if number is None else sweep.variations[number : number + 1]:
        try:
            build(variation.net)
            variation.config  # noqa: B018 - is validated
        except ResvizError as error:
            raise RunError(f"{path}: {error}") from None
    return sweep


def find_runs(sweep: Sweep, root: Path, index: RunIndex | None = None) -> list[RunSummary | None]:
    """Return the run of each variation that came furthest, or None where there is none.

    An `index` of the folder, kept between calls, reads only what has changed.
    """
    index = index or RunIndex([root])
    for _entry in index.look():
        pass
    mine: dict[str, list[RunSummary]] = {}
    for run in index.runs.values():
        if run.info.group == sweep.id:
            mine.setdefault(_key(run.info.spec, run.info.recipe), []).append(summarize_run(run))
    found: list[RunSummary | None] = []
    for variation in sweep.variations:
        own = mine.get(_key(variation.spec, variation.recipe), [])
        found.append(max(own, key=lambda run: (run.info.state == "finished", run.info.steps), default=None))
    return found


def _key(spec: dict[str, Any], recipe: dict[str, Any]) -> str:
    return json.dumps([spec, recipe], sort_keys=True)


def is_done(run: RunSummary | None) -> bool:
    """Return whether a variation's run has reached its last step."""
    return run is not None and run.info.state == "finished"


_ended = threading.Event()
"""Set where this process was told to end: what has not begun by then does not begin."""


def train_variation(
    root: str, id: str, number: int, device: str = "auto", threads: int | None = None, parent: int = 0
) -> str:
    """Train one variation to its end, in a process of its own, and return its run's folder.

    A launcher calls this function, here or on a machine of a cluster that sees the same folder. A run that was begun
    before is resumed.

    After a signal, or when its `parent` process has gone, it stops and keeps the run. A job on a cluster has no parent
    here, and the cluster sends its signals.
    """
    from resviz.experiments.session import Session

    if parent:
        _end_without(parent)
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, lambda *_: _ended.set())
    if _ended.is_set():
        raise RunError(_("stopped before it began"))
    sweep = load(id, Path(root), number)
    variation, before = sweep.variations[number], find_runs(sweep, Path(root))[number]
    if is_done(before):
        assert before is not None
        return str(before.folder)
    if before is not None:
        session = Session(resume_plan([before.folder], device=device))
    else:
        session = Session(TrainingPlan([variation.net], variation.config, Path(root), device, threads, group=sweep.id))
        if sweep.title:
            write_notes(session.recording.writers[0].folder, tags=(sweep.title,))
    with session:
        for update in session.steps():
            if _ended.is_set() or update.problem or (parent and os.getppid() != parent):
                break
        session.close()
    if parent:
        _end_without(parent)
    return str(session.recording.writers[0].folder)


def _end_without(parent: int) -> None:
    """End this process where the one that started it is gone: nobody else would ever end it."""
    if os.getppid() != parent:
        os._exit(1)
