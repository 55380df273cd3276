"""What is exported is what was measured, read back by the other program's own reader."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from resviz.base.errors import RunError
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.runs.run_export import table, to_csv, to_parquet, to_tensorboard
from resviz.training.recipe import TrainConfig


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    config = TrainConfig(data="digits16", batch=16, steps=6, evaluate_every=3)
    with Session(
        TrainingPlan([catalogue.find("cifar-resnet20")], config, tmp_path_factory.mktemp("runs"), threads=1)
    ) as session:
        for _ in session.steps():
            pass
        session.close()
    return RunFolder(session.recording.writers[0].folder)


def test_a_table_has_a_column_for_each_number_of_a_row(run: RunFolder) -> None:
    found = table(run)
    rows = run.rows()
    assert found.column("weight_gradient/layer2.0.conv1").to_pylist()[:6] == rows["weight_gradient"][:, 7].tolist()
    width = sum(1 if values.ndim == 1 else values.shape[1] for values in rows.values())
    assert found.num_columns == width
    assert "activation_histogram/relu/19" in found.column_names


def test_csv_reads_back_equal_and_what_was_not_measured_is_empty(run: RunFolder) -> None:
    lines = list(csv.DictReader(io.StringIO(to_csv(run).decode())))
    rows = run.rows()
    assert [int(line["step"]) for line in lines] == list(range(7)), "the error after step 6 has a line of its own"
    assert [float(line["loss"]) for line in lines[:6]] == rows["loss"].tolist()
    assert [line["held_out_error"] != "" for line in lines] == [True, False, False, True, False, False, True]
    assert float(lines[6]["held_out_error"]) == run.info.error
    got = [np.float32(line["response/conv1"]) for line in lines[:6]]
    assert got == rows["response"][:, 0].tolist()


def test_parquet_reads_back_bit_by_bit_with_the_spec(run: RunFolder) -> None:
    read = parquet.read_table(io.BytesIO(to_parquet(run)))
    ours = table(run)
    assert read.schema.equals(ours.schema)
    for name in ours.column_names:  # a NaN equals a NaN here
        assert np.array_equal(read.column(name).to_numpy(), ours.column(name).to_numpy(), equal_nan=True)
    assert json.loads(read.schema.metadata[b"resviz"])["spec"]["name"] == "cifar-resnet20"


def test_tensorboard_reads_its_event_files(run: RunFolder, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    to_tensorboard(run, tmp_path)
    events = EventAccumulator(str(tmp_path / run.info.id), {"scalars": 0})
    events.Reload()
    rows = run.rows()
    loss = events.Scalars("loss")
    assert [event.step for event in loss] == list(range(6))
    assert [event.value for event in loss] == pytest.approx(rows["loss"].tolist(), rel=1e-6)
    gradient = [event.value for event in events.Scalars("response_gradient/layer3.2.conv2")]
    assert gradient == pytest.approx(rows["response_gradient"][:, 18].tolist(), rel=1e-6)
    assert [event.step for event in events.Scalars("held_out_error")] == [0, 3, 6]
    with pytest.raises(RunError, match="already exists"):
        to_tensorboard(run, tmp_path)


def test_a_run_without_a_step_has_nothing_to_export(run: RunFolder, tmp_path: Path) -> None:
    for file in ("run.json", "layers.json"):
        (tmp_path / file).write_bytes((run.folder / file).read_bytes())
    with pytest.raises(RunError, match="no step was measured"):
        to_csv(RunFolder(tmp_path))
