"""One run, one folder.

    run.json               what was run and how it went: RunInfo (`records`)
    layers.json            the weight layers, and what was measured of them: RunLayers
    metrics-0000.arrows    a row a step (`metrics`); a segment for each sitting
    events.jsonl           a line for each change of state
    checkpoint.safetensors the last whole state; its number of steps is in the file's own metadata
    lock                   held by the program that writes the run, as long as it lives

JSON and checkpoints are replaced atomically: a reader finds the old one or the new one. Nothing is ever unpickled.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import secrets
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from resviz.base.atomic_files import write_whole
from resviz.base.errors import RunError, validation_message
from resviz.base.translation import _
from resviz.base.untrusted_files import append_line, opened, regular
from resviz.measurements.run_layers import RunLayers
from resviz.runs import metrics
from resviz.runs.checked_rows import checked_rows
from resviz.runs.records import FORMATS, MAX_JSON, SEALED_FROM, Format, RunInfo, State
from resviz.runs.sealed_json import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.measurements.rows import Rows
    from resviz.runs.records import RunAlert

_Model = TypeVar("_Model", bound=BaseModel)
_MOST_ALERTS = 100


class RunWriter:
    """Writes one run as it goes. A new folder is made; its name is the run's generated id, never a title."""

    def __init__(self, root: Path, info: Mapping[str, Any], layers: RunLayers) -> None:
        """Raise RunError where the folder can't be made."""
        self.info = RunInfo(id=new_id(), created=_now(), host=platform.node(), pid=os.getpid(), **info)
        self.folder = root / self.info.id
        try:
            self.folder.mkdir(parents=True)
            self._lock = lock_run(self.folder)
            write_whole(self.folder / "layers.json", seal(layers.model_dump_json(indent=1).encode()))
            self._save()
            self.event("started")
        except OSError as error:
            raise RunError(
                _("{folder}: {reason}. Choose another folder with --out or RESVIZ_RUNS.").format(
                    folder=self.folder, reason=error.strerror or error
                )
            ) from None
        self._metrics = metrics.MetricsWriter(self.folder / "metrics-0000.arrows")

    @classmethod
    def resumed(cls, folder: Path, recipe: Mapping[str, Any], lock: FileLock | None = None) -> RunWriter:
        """Continue a run that has ended, with a new segment after the others.

        `recipe` may have more steps than before. `lock` is the run's lock, if the caller holds it. Raise RunError if
        another program writes the run, or the folder can't be read or written.
        """
        lock = lock or lock_run(folder)
        try:
            info = RunFolder(folder).info
            writer = cls.__new__(cls)
            begun = {"state": "running", "ended": "", "message": "", "host": platform.node(), "pid": os.getpid()}
            writer.info = info.model_copy(update={**begun, "recipe": dict(recipe)})
            writer.folder, writer._lock = folder, lock  # noqa: SLF001 - the same class
            writer._save()  # noqa: SLF001
            writer.event("resumed")
        except OSError as error:
            lock.release()
            raise RunError(
                _("{folder}: {reason}. Choose a folder that can be written.").format(
                    folder=folder, reason=error.strerror or error
                )
            ) from None
        except BaseException:
            lock.release()
            raise
        writer._metrics = metrics.MetricsWriter(metrics.next_segment(folder))  # noqa: SLF001
        return writer

    def append(self, rows: Rows) -> None:
        """Add measured rows. They survive a kill once this method returns.

        Raise OSError if they can't be written. They are kept then, and `flush` writes them.
        """
        values = _last_values(rows) if len(rows["step"]) else {}
        self._update(**values)
        self._metrics.append(rows)
        if "error" in values:  # what isn't in each row is in run.json as soon as it is measured
            self._save()

    def flush(self) -> None:
        """Write the rows that wait. Raise OSError if that fails again."""
        self._metrics.flush()

    def event(self, kind: str, **details: Any) -> None:
        """Append an event with its time and step to events.jsonl."""
        line = json.dumps({"time": _now(), "event": kind, "step": self.info.steps, **details})
        append_line(self.folder / "events.jsonl", line)

    def note_alert(self, alert: RunAlert) -> None:
        """Keep with the run what looks wrong in it. Raise OSError if that can't be written."""
        self._update(alerts=(*self.info.alerts, alert)[:_MOST_ALERTS])
        self._save()
        self.event("alert", what=alert.kind, since=alert.step, text=alert.text)

    def note_rate(self, rate: float) -> None:
        """Note that the learning rate was changed by hand: the recipe alone does not make this run again."""
        self._update(rate_changed=True)
        self._save()
        self.event("learning rate", rate=rate)

    def checkpoint(self, tensors: Mapping[str, np.ndarray], steps: int) -> None:
        """Replace the checkpoint: whole or not at all."""
        from safetensors.numpy import save

        about = {"steps": str(steps), "crc32": _crc32(tensors)}
        write_whole(self.folder / "checkpoint.safetensors", save(dict(tensors), about))

    def finish(self, state: State, **result: Any) -> RunInfo:
        """End the run; `result` are further fields of RunInfo.

        Raise OSError if that can't be written. The rows written before stay, and the run can be ended again.
        """
        try:
            self._metrics.close()
        except OSError:
            if state != "failed":  # a disk that is full fails here again
                raise
            self._metrics.abandon()
        before = self.info
        # Whose program it was matters only while it runs; an ended run may be given away.
        self._update(state=state, ended=_now(), host="", pid=0, **result)
        try:
            self._save()
        except OSError:
            self.info = before  # it has not ended: the caller may try again
            raise
        with contextlib.suppress(OSError):  # nothing reads it again
            self.event(state, **({"message": self.info.message} if self.info.message else {}))
        self.release()
        return self.info

    def release(self) -> None:
        """Let other programs write the run."""
        self._lock.release()

    def _update(self, **values: Any) -> None:
        self.info = _with_values(self.info, values)

    def _save(self) -> None:
        if self.info.format < SEALED_FROM:  # a resumed run keeps its format, and with it what older programs know
            content = self.info.model_dump_json(indent=1, exclude={"epoch_steps"}).encode()
        else:
            content = seal(self.info.model_dump_json(indent=1, exclude=_unused(self.info)).encode())
        write_whole(self.folder / "run.json", content)


def _unused(info: RunInfo) -> set[str]:
    """Return the fields that most runs don't need, and older programs don't know."""
    return {name for name in ("left_out", "rate_changed", "watched", "alerts") if not getattr(info, name)}


def shrink_run(folder: Path, every: int = 1, *, weights: bool = False) -> None:
    """Make an ended run small, to be given away: one row in `every`, and no more of its checkpoint than the weights.

    Without `weights` it has no checkpoint at all. Only `info.left_out` tells how many rows are missing.
    """
    stored = RunFolder(folder).checkpoint() if weights else {}
    tensors = {name: value for name, value in stored.items() if name.startswith("net.")}
    lock = lock_run(folder)
    try:
        left_out = metrics.rewrite(folder, every)
        writer = RunWriter.__new__(RunWriter)
        writer.folder, writer._lock = folder, lock  # noqa: SLF001 - the same module
        info = RunFolder(folder).info
        writer.info = info.model_copy(update={"left_out": info.left_out + left_out})
        writer._save()  # noqa: SLF001
        (folder / "checkpoint.safetensors").unlink(missing_ok=True)
        if tensors:
            writer.checkpoint({**tensors, "step": np.asarray(info.steps)}, info.steps)
    finally:
        lock.release()
    (folder / "lock").unlink(missing_ok=True)


class RunFolder:
    """A run folder, read: `info` at once, `layers` and `rows` when asked. Each raises RunError for a broken file."""

    def __init__(self, folder: Path) -> None:
        """Raise RunError where this is no run folder or a file in it can't be read."""
        self.folder = folder
        path = folder / "run.json"
        stored = _read_file(path)
        content = unseal(stored, path, required=False)
        written = self._written = _parse(content, path, Format).format
        if written not in FORMATS:
            text = _(
                "{folder} has format {format}, but this Resviz reads formats {first} to {last}. Use a newer Resviz."
            )
            if written < FORMATS[0]:
                text = _(
                    "{folder} has format {format}, but this Resviz reads formats {first} to {last}. Use an older "
                    "Resviz."
                )
            raise RunError(text.format(folder=folder, format=written, first=FORMATS[0], last=FORMATS[-1]))
        content = unseal(stored, path, required=written >= SEALED_FROM)
        info = _parse(content, path, RunInfo).model_copy(update={"format": written})
        self.info = _interrupted_if_dead(info)
        if self.info.state in ("running", "interrupted"):
            # run.json is written now and then: until a run has ended its rows know how far it is.
            try:
                rows = metrics.read_last(folder)
            except (OSError, pa.ArrowException) as error:
                raise RunError(
                    _("{folder}: the rows can't be read: {error}").format(folder=self.folder, error=error)
                ) from None
            self.info = _with_values(self.info, _last_values(rows) if rows else {})

    @property
    def layers(self) -> RunLayers:
        """The content of layers.json: which layers the run measured."""
        path = self.folder / "layers.json"
        return _parse(unseal(_read_file(path), path, required=self._written >= SEALED_FROM), path, RunLayers)

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Return the tensors of the last complete state, or {}."""
        from safetensors import SafetensorError, safe_open

        path = self.folder / "checkpoint.safetensors"
        if not path.exists():
            return {}
        try:
            regular(path)
            with safe_open(path, "numpy") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
                wanted = (file.metadata() or {}).get("crc32")
        except (OSError, SafetensorError, ValueError, KeyError) as error:
            raise RunError(
                _("{path} can't be read: {error}. Delete it to start the run again at step 0.").format(
                    path=path, error=error
                )
            ) from None
        if (wanted is not None and wanted != _crc32(tensors)) or (wanted is None and self._written >= 3):
            raise RunError(
                _("{path} was changed after it was written. Delete it to start the run again at step 0.").format(
                    path=path
                )
            )
        return tensors

    def rows(self) -> Rows:
        """Return every complete row, or {}. Raise RunError if they can't be read, or are those of another run."""
        try:
            return checked_rows(metrics.read(self.folder), self.layers, self.folder)
        except (OSError, pa.ArrowException) as error:
            raise RunError(
                _("{folder}: the rows can't be read: {error}").format(folder=self.folder, error=error)
            ) from None


def lock_run(folder: Path) -> FileLock:
    """Return the run's lock, held. Raise RunError if another program holds it; it goes with the program that does."""
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunError(
            _("{folder}: another program is writing this run. Wait until it has ended.").format(folder=folder)
        ) from None
    return lock


def new_id() -> str:
    """Sort by time, and is made of letters that every file system takes: 20261121-114230-3f9a2c."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)


def read_json(path: Path, model: type[_Model]) -> _Model:
    """Read a JSON file of a run folder. Raise RunError if it is too large, or does not fit the model."""
    return _parse(_read_file(path), path, model)


def _read_file(path: Path) -> bytes:
    try:
        with opened(path) as file:
            content = file.read(MAX_JSON + 1)
    except OSError as error:
        raise RunError(
            _("{path}: {reason}. Choose a folder that Resviz has written.").format(
                path=path, reason=error.strerror or error
            )
        ) from None
    if len(content) > MAX_JSON:
        raise RunError(
            _("{path} is larger than {most} bytes, so Resviz has not written it.").format(path=path, most=MAX_JSON)
        )
    return content


def _parse(content: bytes, path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        why = validation_message(error, where=str(path))
        raise RunError(_("{reason} Was the file changed by hand?").format(reason=why)) from None


def _last_values(rows: Rows) -> dict[str, Any]:
    """Return how far the rows say the run is.

    Steps done, the last loss, and the held-out error when it was last measured.
    """
    values: dict[str, Any] = {"steps": int(rows["step"][-1]) + 1}
    if "loss" in rows:
        values["loss"] = _number(rows["loss"][-1])
    errors = rows.get("held_out_error", np.empty(0))
    measured = errors[~np.isnan(errors)]
    if len(measured):
        values["error"] = _number(measured[-1])
        values["best_error"] = _number(measured.min())
        values["error_step"] = int(rows["step"][~np.isnan(errors)][-1])
    return values


def _with_values(info: RunInfo, values: dict[str, Any]) -> RunInfo:
    """Return the best error is the least of what was known and what comes."""
    known = (info.best_error, values.get("best_error"), values.get("error"))
    return info.model_copy(update={**values, "best_error": min((e for e in known if e is not None), default=None)})


def _number(value: float) -> float | None:
    """JSON has no NaN: a number that is none is null."""
    return float(value) if np.isfinite(value) else None


def _interrupted_if_dead(info: RunInfo) -> RunInfo:
    """Return a run that says "running" but whose program is gone was killed."""
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
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Return whether a killed program is still listed, because nobody has asked how it ended.

    In containers it may stay in the list.
    """
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] == "Z"
        )
    except (OSError, IndexError):  # another system
        return False


def _crc32(tensors: Mapping[str, np.ndarray]) -> str:
    """Of all tensors, their names, types and shapes."""
    crc = 0
    for name in sorted(tensors):
        values = np.ascontiguousarray(tensors[name])
        crc = zlib.crc32(f"{name} {values.dtype} {values.shape}".encode(), crc)
        crc = zlib.crc32(values.reshape(-1).view(np.uint8).data, crc)
    return f"{crc:08x}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
