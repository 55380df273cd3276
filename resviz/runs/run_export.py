"""A run's measured rows as files of other programs: CSV, Parquet, TensorBoard's event files.

A column is "step", a scalar by its name, or a quantity at a place, "weight_gradient/layer1.0.conv1"; of a quantity with
several values a place each has its number behind that.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.runs.lost_steps import describe_lost_steps, lost_steps

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.measurements.rows import Rows
    from resviz.runs.folder import RunFolder
    from resviz.runs.records import RunInfo


def lost_in_export(run: RunFolder) -> str:
    """Return a sentence about steps that an export lacks, because their rows can't be read; "" if it has all."""
    rows = run.rows()
    lost = lost_steps(run.info, len(rows["step"]) if rows else 0)
    return describe_lost_steps(run.info.id, lost, run.info.steps)


def table(run: RunFolder) -> pa.Table:
    """Return the rows as an Arrow table with a column for each number.

    The column "step" is int64, scalars are float64, quantities float32. A held-out error that was measured after the
    last step has a row of its own, at the number of steps that were done. Raise RunError if there are no rows.
    """
    rows, layers = run.rows(), run.layers
    if not rows:
        raise RunError(_("{folder}: no step was measured, so there is nothing to export.").format(folder=run.folder))
    rows = _with_final_error(rows, run.info)
    columns: dict[str, np.ndarray] = {}
    for name, values in rows.items():
        quantity = layers.quantity(name)
        if quantity is None:
            columns[name] = values
            continue
        places = [layer.name for layer in layers.along(quantity.axis)]
        for index in range(values.shape[1]):
            place, part = divmod(index, quantity.values)
            number = f"/{part}" if quantity.values > 1 else ""
            columns[f"{name}/{places[place]}{number}"] = values[:, index]
    return pa.table(columns)


def _with_final_error(rows: Rows, info: RunInfo) -> Rows:
    """Return the rows, and one more for the held-out error of the last weights, which is measured after all steps."""
    if info.error is None or info.error_step is None or info.error_step <= rows["step"][-1]:
        return rows
    more = {
        name: np.full((1, *values.shape[1:]), np.nan, values.dtype) for name, values in rows.items() if name != "step"
    }
    more["step"] = np.array([info.error_step], rows["step"].dtype)
    more["held_out_error"] = np.array([info.error], np.float64)
    held_out = rows.get("held_out_error", np.full(len(rows["step"]), np.nan))
    every = {**rows, "held_out_error": held_out}
    return {name: np.concatenate([values, more[name]]) for name, values in every.items()}


def to_csv(run: RunFolder) -> bytes:
    """Return the rows as CSV, with a line for each step. What was not measured in a step is empty."""
    from pyarrow import csv

    found = table(run)
    columns = [pa.array(column.to_numpy(), from_pandas=True) for column in found.columns]  # NaN becomes nothing
    out = io.BytesIO()
    csv.write_csv(pa.table(columns, names=found.column_names), out)
    return out.getvalue()


def to_parquet(run: RunFolder) -> bytes:
    """Return all numbers as they were measured; the spec and the recipe are in the file's metadata, as JSON."""
    from pyarrow import parquet

    stored = {"id", "spec", "recipe", "versions", "state", "steps", "error", "error_step", "best_error"}
    info = run.info.model_dump_json(include=stored)
    out = io.BytesIO()
    parquet.write_table(table(run).replace_schema_metadata({"resviz": info}), out)
    return out.getvalue()


def to_tensorboard(run: RunFolder, folder: Path) -> None:
    """Write TensorBoard event files into a folder named after the run, with a tag for each column.

    Histograms are left out. Raise RunError if the folder already has this run.
    """
    from tensorboardX import SummaryWriter

    path = folder / run.info.id
    if path.exists():
        raise RunError(_("{path} already exists. Choose another folder.").format(path=path))
    found, histograms = table(run), {q.name for q in run.layers.quantities if q.values > 1}
    steps = found.column("step").to_numpy()
    with SummaryWriter(str(path)) as writer:
        for name in found.column_names:
            if name == "step" or name.partition("/")[0] in histograms:
                continue
            for step, value in zip(steps, found.column(name).to_numpy(), strict=True):
                if not math.isnan(value):
                    writer.add_scalar(name, float(value), int(step))
