"""The examples of docs/examples run as they stand, and each writes a run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resviz.runs.folder import RunFolder
from resviz.runs.notes import read_notes

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def run_of(command: list[str], folder: Path) -> RunFolder:
    environment = {**os.environ, "RESVIZ_RUNS": str(folder / "runs"), "PYTHONPATH": str(EXAMPLES.parents[1])}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (run,) = (folder / "runs").iterdir()
    return RunFolder(run)


@pytest.mark.parametrize(
    ("name", "package", "steps", "layers"),
    [("watch_lightning", "lightning", 16, 2), ("watch_transformers", "transformers", 16, 23)],
)
def test_an_example_for_a_trainer_writes_its_run(
    name: str, package: str, steps: int, layers: int, tmp_path: Path
) -> None:
    pytest.importorskip(package)
    run = run_of([sys.executable, str(EXAMPLES / f"{name}.py")], tmp_path)
    rows = run.rows()
    assert (run.info.state, len(rows["step"])) == ("finished", steps)
    assert np.isfinite(rows["update_ratio"]).all()
    assert len(run.layers.layers) == layers
    assert read_notes(run.folder).title


def test_the_example_for_several_processes_writes_one_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    run = run_of([*command, str(EXAMPLES / "watch_ddp.py")], tmp_path)
    rows = run.rows()
    assert (run.info.state, len(rows["step"])) == ("finished", 20)
    assert np.isfinite(rows["response_gradient"]).all()


def test_the_job_for_slurm_runs_that_example() -> None:
    job = (EXAMPLES / "watch_ddp.sbatch").read_text()
    assert re.search(r"^srun torchrun --standalone --nproc-per-node 2 watch_ddp\.py$", job, re.MULTILINE)
    subprocess.run(["bash", "-n", str(EXAMPLES / "watch_ddp.sbatch")], check=True)
