"""Runs written by hand: rows of random numbers, and a run folder that has begun."""

import json
from pathlib import Path

import numpy as np

from resviz.measurements.quantity import Quantity
from resviz.measurements.rows import Rows
from resviz.measurements.run_layers import LayerInfo, RunLayers
from resviz.nets import catalogue
from resviz.runs.folder import RunWriter
from resviz.runs.sealed_json import seal, unseal

LAYERS = 5


def some_rows(start: int, count: int) -> Rows:
    random = np.random.default_rng(start)
    return {
        "step": np.arange(start, start + count, dtype=np.int64),
        "loss": random.normal(size=count),
        "held_out_error": np.where(np.arange(count) % 2, np.nan, 0.5),
        "response": random.normal(size=(count, LAYERS)).astype(np.float32),
        "weight_gradient": (10.0 ** random.uniform(-44, 30, (count, LAYERS))).astype(np.float32),
    }


RUN_LAYERS = RunLayers(
    layers=tuple(LayerInfo(name=f"conv{i}", kind="conv", stage="conv1", label="3×3 conv, 16") for i in range(LAYERS)),
    quantities=(
        Quantity(name="response", title="response", label="std", formula="std(y)", source="figure 7", axis="layer"),
        Quantity(name="weight_gradient", title="gradient", label="norm", formula="", source="", axis="layer"),
    ),
)


def begin(root: Path, name: str = "cifar-resnet20", **more: object) -> RunWriter:
    spec = catalogue.find(name)
    info = {"spec": spec.model_dump(), "recipe": {"data": "digits"}, "seed": 0, "device": "cpu", "versions": {}, **more}
    return RunWriter(root, info, RUN_LAYERS)


def change_json(path: Path, **changes: object) -> None:
    """Change members of a run's JSON file as a program could that knows its checksum."""
    content = json.loads(unseal(path.read_bytes(), path, required=False))
    path.write_bytes(seal(json.dumps({**content, **changes}).encode()))
