"""Files that are damaged at random: what is read of them is right, or refused in one line."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from resviz.base.errors import DataError, ResvizError
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import from_toml
from resviz.runs.curve_import import read_curves
from resviz.runs.folder import RunFolder
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from resviz.training.weights import import_weights
from tests.damage.test_images import FORMATS, encoded, load, pictures
from tests.soak.trial import Attempt, Trial

CONFIG = TrainConfig(data="digits16", batch=32, steps=12, evaluate_every=4, histogram_every=4)


def flipped(content: bytes, chance: Random) -> bytes:
    """One bit changed."""
    changed = bytearray(content)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def mutated(content: bytes, chance: Random) -> bytes:
    """A few bytes changed, left out or put in, or the end cut off."""
    changed = bytearray(content)
    for _change in range(chance.choice((1, 1, 2, 5, 30))):
        at = chance.randrange(max(1, len(changed)))
        what = chance.randrange(4)
        if what == 0:
            del changed[at : at + chance.randrange(1, 9)]
        elif what == 1:
            changed[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
        elif changed:
            changed[at % len(changed)] = chance.randrange(256)
    if chance.random() < 0.1:
        del changed[chance.randrange(max(1, len(changed))) :]
    return bytes(changed)


def one_line(error: ResvizError) -> str:
    assert "\n" not in str(error)
    assert len(str(error)) < 1500
    return "refused"


def _run(folder: Path) -> RunFolder:
    with Session(TrainingPlan([catalogue.find("mlp5")], CONFIG, folder / "runs", threads=1)) as session:
        list(session.steps())
    return RunFolder(session.recording.writers[0].folder)


def _equal(a: Any, b: Any) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)


def _rows_are_right(found: Any, right: Any) -> str:
    """Rows may be missing, and what is there has the numbers that were measured."""
    count = len(found["step"]) if found else 0
    for row, step in enumerate(found["step"].tolist() if found else []):
        for name, values in found.items():
            assert np.array_equal(values[row], right[name][step], equal_nan=True), f"{name} of step {step} changed"
    return "read" if count == len(right["step"]) else "read in part"


def _of_a_run(
    file: str, read: Callable[[RunFolder], Any], judge: Callable[[Any, Any], str]
) -> Callable[[Path], Attempt]:
    """Flips a bit of one file of a run, and holds what is read against what was read before."""

    def prepare(folder: Path) -> Attempt:
        run = _run(folder)
        path = run.folder / file
        whole, right = path.read_bytes(), read(run)

        def attempt(chance: Random, _folder: Path) -> str:
            path.write_bytes(flipped(whole, chance))
            try:
                return judge(read(RunFolder(run.folder)), right)
            except ResvizError as error:
                return one_line(error)
            finally:
                path.write_bytes(whole)

        return attempt

    return prepare


def _same(found: Any, right: Any) -> str:
    assert found == right, "a changed content was accepted"
    return "read"


def _same_tensors(found: Any, right: Any) -> str:
    assert _equal(found, right), "a changed checkpoint was accepted"
    return "read"


def _images(_folder: Path) -> Attempt:
    def attempt(chance: Random, folder: Path) -> str:
        ending, kind = chance.choice(list(FORMATS.items()))
        images = pictures(folder / "images" / ending, mutated(encoded(kind), chance), ending)
        try:
            assert load(images).shape == (1, 3, 16, 16)
        except DataError as error:
            assert f"a.{ending}" in str(error)
            return one_line(error)
        return "read"

    return attempt


def _texts(content: bytes, name: str, read: Callable[[Path], Any]) -> Callable[[Path], Attempt]:
    def prepare(_folder: Path) -> Attempt:
        def attempt(chance: Random, folder: Path) -> str:
            path = folder / name
            path.write_bytes(mutated(content, chance))
            try:
                read(path)
            except ResvizError as error:
                return one_line(error)
            return "read"

        return attempt

    return prepare


def _weights() -> bytes:
    buffer = io.BytesIO()
    torch.manual_seed(0)
    torch.save(to_module(build(catalogue.find("lenet5"))).state_dict(), buffer)
    return buffer.getvalue()


CURVES = ("step,train/loss,val_error\n" + "".join(f"{i},{3 - i / 10},{0.9 - i / 100}\n" for i in range(30))).encode()
SPEC = catalogue.find("resnet50").to_toml().encode()

TRIALS = (
    Trial("a bit of run.json flipped", 2000, _of_a_run("run.json", lambda run: run.info, _same)),
    Trial("a bit of layers.json flipped", 2000, _of_a_run("layers.json", lambda run: run.layers, _same)),
    Trial("a bit of the rows flipped", 2000, _of_a_run("metrics-0000.arrows", lambda run: run.rows(), _rows_are_right)),
    Trial(
        "a bit of the rows' checksums flipped",
        1000,
        _of_a_run("metrics-0000.crc32", lambda run: run.rows(), _rows_are_right),
    ),
    Trial(
        "a bit of a checkpoint flipped",
        1000,
        _of_a_run("checkpoint.safetensors", lambda run: run.checkpoint(), _same_tensors),
    ),
    Trial("an image changed", 9000, _images),
    Trial("a file of curves changed", 3000, _texts(CURVES, "curves.csv", read_curves)),
    Trial(
        "a spec file changed",
        3000,
        _texts(SPEC, "net.toml", lambda path: from_toml(path.read_bytes().decode(errors="replace"))),
    ),
    Trial(
        "a file of weights changed",
        1000,
        _texts(_weights(), "weights.pth", lambda path: import_weights(path, path.parent / "kept")),
    ),
)
