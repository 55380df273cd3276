"""A run's measured rows as files of other programs: CSV, Parquet, TensorBoard's event files.

A column is "step", a scalar by its name, or a quantity at a place, "weight_gradient/layer1.0.conv1"; of a quantity with
several values a place each has its number behind that.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

import pyarrow as pa

from resviz.base.errors import RunError
from resviz.base.translation import _

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from resviz.runs.folder import RunFolder


def table(run: RunFolder) -> pa.Table:
    """Return the rows as an Arrow table with a column for each number.

    The column "step" is int64, scalars are float64, quantities float32. Raise RunError if there are no rows.
    """
    rows, layers = run.rows(), run.layers
    if not rows:
        raise RunError(_("{folder}: no step was measured, so there is nothing to export.").format(folder=run.folder))
    columns: dict[str, np.ndarray] = {}
    for name, values in rows.items():
        quantity = layers.quantity(name)
        if quantity is None:
            columns[name] = values
            continue
        places = [layer.name for layer in layers.along(quantity.axis)]
        if len(places) * quantity.values != values.shape[1]:
            raise RunError(
                _("{folder}: {quantity} has {columns} columns for {places} places.").format(
                    folder=run.folder, quantity=name, columns=values.shape[1], places=len(places)
                )
            )
        for index in range(values.shape[1]):
            place, part = divmod(index, quantity.values)
            number = f"/{part}" if quantity.values > 1 else ""
            columns[f"{name}/{places[place]}{number}"] = values[:, index]
    return pa.table(columns)


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

    info = run.info.model_dump_json(include={"id", "spec", "recipe", "versions", "state"})
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
