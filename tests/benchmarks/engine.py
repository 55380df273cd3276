"""The engine: building and counting, the probes' cost, reading a large run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from resviz.analysis.counts import count
from resviz.experiments.run_description import run_layers
from resviz.experiments.threads import usable_cores
from resviz.measurements.history import RunHistory
from resviz.measurements.scalars import SCALARS
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.runs.folder import RunFolder, RunWriter
from resviz.training.modules import meta_module
from resviz.training.recipe import TrainConfig
from tests.benchmarks import lock_step, peers, probes
from tests.benchmarks.timing import Row, median, ms, paired, seconds

DEEPEST = "cifar-resnet1202"
STEPS = 2000


def rows() -> Iterator[Row]:
    torch.set_num_threads(usable_cores())
    yield graph_and_counts()
    yield from peers.rows()
    yield from probes.rows()
    yield from lock_step.rows()
    yield opening_a_run()


def graph_and_counts() -> Row:
    spec = catalogue.find(DEEPEST)
    ours = median(lambda: count(build(spec)).flops)
    graph = build(spec)

    def torchs() -> None:
        module = meta_module(graph)
        with FlopCounterMode(display=False):
            module(torch.empty(1, *graph.input_shape, device="meta"))

    theirs = seconds(torchs)
    return Row("graph and counts, 1202 layers", ms(ours), f"torch's counter {theirs / ours:.0f}×", "50 ms")


def opening_a_run() -> Row:
    graph = build(catalogue.find(DEEPEST))
    with tempfile.TemporaryDirectory() as folder:
        path = _large_run(Path(folder), graph)

        def opened() -> RunHistory:
            run = RunFolder(path)
            history = RunHistory(run.layers)
            history.append(run.rows())
            return history

        size = sum(file.stat().st_size for file in path.glob("*.arrows"))
        a, b, ratio = paired(opened, lambda: [file.read_bytes() for file in path.glob("*.arrows")], runs=7)
    return Row(
        f"opening a run, 1202 layers × {STEPS} steps ({size / 1e6:.0f} MB)",
        ms(a),
        f"{ratio:.1f} of {ms(b)} for its bytes alone",
        "300 ms",
    )


def _large_run(folder: Path, graph: Graph) -> Path:
    info = {"spec": catalogue.find(DEEPEST).model_dump(), "recipe": {}, "seed": 0, "device": "cpu", "versions": {}}
    layers = run_layers(graph, TrainConfig())
    writer = RunWriter(folder, info, layers)
    random = np.random.default_rng(0)
    for start in range(0, STEPS, 20):
        part = {"step": np.arange(start, start + 20)} | {name: random.normal(size=20) for name in SCALARS}
        writer.append(
            part
            | {q.name: random.normal(size=(20, layers.width(q.name))).astype(np.float32) for q in layers.quantities}  # type: ignore[arg-type]
        )
    writer.finish("finished")
    return writer.folder
