"""One run, one folder.

    run.json               what was run and how it went: RunInfo
    layers.json            the weight layers, and what was measured of them: RunLayers
    metrics-0000.arrows    a row a step (`metrics`)
    events.jsonl           a line for each change of state
    checkpoint.safetensors the last whole state; its number of steps is in the file's own metadata

JSON and checkpoints are replaced atomically: a reader finds the old one or the new one. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resviz.nets.errors import NetError
from resviz.nets.spec import NetSpec, validate
from resviz.runs import metrics

FORMAT = 2
_Model = TypeVar("_Model", bound=BaseModel)
Axis = Literal["layer", "activation", "block", "auxiliary"]
State = Literal["running", "finished", "stopped", "failed", "interrupted"]
MAX_JSON = 20_000_000


class RunError(ValueError):
    """A run that can't be written or read: what, where, and what would do; one line."""


class RunInfo(BaseModel):
    """What run.json holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    id: str
    spec: dict[str, Any]
    recipe: dict[str, Any]
    seed: int
    device: str
    versions: dict[str, str]
    group: str = ""
    """Runs of one duel share it."""
    created: str
    ended: str = ""
    state: State = "running"
    steps: int = 0
    steps_per_second: float | None = None
    loss: float | None = None
    """Of the last step's batch."""
    error: float | None = None
    """Share of wrong answers on the held-out images, the last time it was measured."""
    error_step: int | None = None
    """After how many steps that was."""
    message: str = ""
    """Why a run failed."""
    host: str = ""
    pid: int = Field(0, ge=0, lt=2**31)

    @property
    def net(self) -> NetSpec:
        """The net that was trained. Raises RunError where this program can't build it."""
        try:
            return validate(self.spec, f"run {self.id}")
        except NetError as error:
            raise RunError(f"{error}; a newer Resviz may read it") from None


class _Format(BaseModel):
    """What is read of a run.json before anything else: another format may have other fields."""

    format: int = FORMAT


class LayerInfo(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    kind: str
    stage: str
    label: str


class QuantityInfo(BaseModel):
    """What a column of the rows is: `axis` says what it has `values` numbers for each of."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    label: str
    formula: str
    source: str
    axis: Axis
    values: int = Field(1, ge=1, le=10_000)
    log: bool = True


class RunLayers(BaseModel):
    """What layers.json holds: the axes, each from the input to the output, and the quantities over them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    layers: tuple[LayerInfo, ...]
    """The weight layers: a response, a gradient each."""
    activations: tuple[LayerInfo, ...] = ()
    blocks: tuple[LayerInfo, ...] = ()
    auxiliary: tuple[LayerInfo, ...] = ()
    quantities: tuple[QuantityInfo, ...]

    def along(self, axis: Axis) -> tuple[LayerInfo, ...]:
        axes = {"layer": self.layers, "activation": self.activations, "block": self.blocks}
        return (axes | {"auxiliary": self.auxiliary})[axis]

    def quantity(self, name: str) -> QuantityInfo | None:
        return next((quantity for quantity in self.quantities if quantity.name == name), None)

    def width(self, name: str) -> int | None:
        """How many numbers a step's row has of a quantity; None for what is no quantity of this run."""
        quantity = self.quantity(name)
        return len(self.along(quantity.axis)) * quantity.values if quantity else None


class RunWriter:
    """Writes one run as it goes. A new folder is made; its name is the run's generated id, never a title."""

    def __init__(self, root: Path, info: Mapping[str, Any], layers: RunLayers) -> None:
        """Raises RunError where the folder can't be made."""
        self.info = RunInfo(id=new_id(), created=_now(), host=platform.node(), pid=os.getpid(), **info)
        self.folder = root / self.info.id
        try:
            self.folder.mkdir(parents=True)
            _replace(self.folder / "layers.json", layers.model_dump_json(indent=1).encode())
            self._save()
            self.event("started")
        except OSError as error:
            raise RunError(
                f"{self.folder}: {error.strerror or error}; another folder, by --out or RESVIZ_RUNS, will do"
            ) from None
        self._metrics = metrics.MetricsWriter(self.folder / "metrics-0000.arrows")

    def append(self, rows: metrics.Rows) -> None:
        """Adds measured rows; they are safe from a kill when this returns."""
        self._metrics.append(rows)
        if len(rows["step"]):
            self.info = self.info.model_copy(update=_last_values(rows))

    def event(self, kind: str, **details: Any) -> None:
        line = json.dumps({"time": _now(), "event": kind, "step": self.info.steps, **details})
        with (self.folder / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def checkpoint(self, tensors: Mapping[str, np.ndarray], steps: int) -> None:
        """Replaces the checkpoint: whole or not at all."""
        from safetensors.numpy import save

        _replace(self.folder / "checkpoint.safetensors", save(dict(tensors), {"steps": str(steps)}))

    def finish(self, state: State, **result: Any) -> RunInfo:
        """Ends the run; `result` are further fields of RunInfo. Whatever fails here, the rows written before stay."""
        try:
            self._metrics.close()
        except OSError:
            if state != "failed":  # a disk that is full fails here again
                raise
        # Whose program it was matters only while it runs; an ended run may be given away.
        self.info = self.info.model_copy(update={"state": state, "ended": _now(), "host": "", "pid": 0, **result})
        self._save()
        self.event(state, **({"message": self.info.message} if self.info.message else {}))
        return self.info

    def _save(self) -> None:
        _replace(self.folder / "run.json", self.info.model_dump_json(indent=1).encode())


class Run:
    """A run folder, read: `info` at once, `layers` and `rows` when asked. Each raises RunError for a broken file."""

    def __init__(self, folder: Path) -> None:
        """Raises RunError where this is no run folder or a file in it can't be read."""
        self.folder = folder
        written = _read(folder / "run.json", _Format).format
        if written != FORMAT:
            which = "a newer" if written > FORMAT else "an older"
            raise RunError(f"{folder}: format {written}; this Resviz reads format {FORMAT}, {which} one reads it")
        self.info = _interrupted_if_dead(_read(folder / "run.json", RunInfo))
        if self.info.state in ("running", "interrupted"):
            # run.json is written at the beginning and at the end: until then the rows know how far the run is.
            rows = self.rows()
            self.info = self.info.model_copy(update=_last_values(rows) if rows else {})

    @property
    def layers(self) -> RunLayers:
        return _read(self.folder / "layers.json", RunLayers)

    def rows(self) -> metrics.Rows:
        """Every whole row: {} where there is none yet."""
        try:
            return metrics.read(self.folder)
        except (OSError, pa.ArrowException) as error:
            raise RunError(f"{self.folder}: its rows can't be read: {error}") from None


def new_id() -> str:
    """Sorts by time, and is made of letters that every file system takes: 20261121-114230-3f9a2c."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        if path.stat().st_size > MAX_JSON:
            raise RunError(f"{path}: larger than {MAX_JSON} bytes; no run of Resviz wrote this")
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}; a folder that `resviz train` wrote will do") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise RunError(f"{path}: {place + ': ' if place else ''}{first['msg']}; was it changed by hand?") from None


def _last_values(rows: metrics.Rows) -> dict[str, Any]:
    """How far the rows say the run is: steps done, the last loss, and the held-out error when it was last measured."""
    values: dict[str, Any] = {"steps": int(rows["step"][-1]) + 1}
    if "loss" in rows:
        values["loss"] = _number(rows["loss"][-1])
    errors = rows.get("held_out_error", np.empty(0))
    measured = errors[~np.isnan(errors)]
    if len(measured):
        values["error"] = _number(measured[-1])
        values["error_step"] = int(rows["step"][~np.isnan(errors)][-1])
    return values


def _number(value: float) -> float | None:
    """JSON has no NaN: a number that is none is null."""
    return float(value) if np.isfinite(value) else None


def _interrupted_if_dead(info: RunInfo) -> RunInfo:
    """A run that says "running" but whose program is gone was killed."""
    if info.state != "running" or info.host != platform.node() or _alive(info.pid):
        return info
    return info.model_copy(update={"state": "interrupted"})


def _alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill(pid, 0) would end the process there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _replace(path: Path, content: bytes) -> None:
    """Writes beside the file, then renames over it: whoever reads finds the old content or the new, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    os.replace(beside, path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
