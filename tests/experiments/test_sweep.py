"""A sweep is a table of ordinary runs: each variation once, however often it is broken off, wherever it is trained."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.base.errors import NetError, RunError
from resviz.experiments.launchers import ClusterLauncher
from resviz.experiments.session import Session
from resviz.experiments.sweep import Sweep, combine_nets, find_runs, load, planned, save, varied
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.runs.notes import read_notes
from resviz.runs.records import RunInfo
from resviz.training.recipe import TrainConfig
from tests.helpers.command_line import resviz

pytestmark = pytest.mark.slow

PATIENCE = 240
RECIPE = TrainConfig(data="digits16", steps=6, batch=32, evaluate_every=0)


def sweep_json(*arguments: str, status: int = 0) -> dict[str, Any]:
    done = resviz("sweep", *arguments, "--json")
    assert done.returncode == status, done.stderr[-3000:]
    document: dict[str, object] = json.loads(done.stdout)
    return document


def folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if (path / "run.json").exists())


def infos(root: Path) -> list[RunInfo]:
    return [RunFolder(folder).info for folder in folders(root)]


def test_every_combination_is_there_once_and_a_plain_net_has_no_shortcut_to_vary() -> None:
    nets = combine_nets([20, 32], ["plain", "residual"], {"shortcut": ["A", "B"], "norm": ["none", "batch"]})
    assert len(nets) == len(set(nets)) == 2 * 2 + 2 * 2 * 2
    assert {net.norm for net in nets} == {"none", "batch"}
    with pytest.raises(NetError, match="unit dense is not known. Use one of plain, residual"):
        combine_nets([20], ["dense"], {})


def test_seeds_are_outermost_so_that_a_part_is_all_of_it_for_some_seeds() -> None:
    sweep = planned(combine_nets([20], ["plain", "residual"], {}), RECIPE, {"init": ["he", "torch"], "seed": [0, 1]})
    assert [variation.config.seed for variation in sweep.variations] == [0] * 4 + [1] * 4
    assert len({variation.model_dump_json() for variation in sweep.variations}) == 8
    assert {variation.net.input for variation in sweep.variations} == {(1, 16, 16)}, "as they are trained"


def test_a_sweep_s_runs_are_ordinary_ones_and_their_errors_a_table(tmp_path: Path) -> None:
    arguments = ("--depth", "20", "--shortcut", "A,B", "--seed", "0,1", "--steps", "6", "--batch", "32")
    made = sweep_json(
        *arguments, "--evaluate-every", "0", "--processes", "2", "--title", "mine", "--out", str(tmp_path)
    )
    assert made["states"] == ["finished"] * 6
    runs = [RunFolder(folder) for folder in folders(tmp_path)]
    assert len(runs) == 6
    assert {read_notes(run.folder).tags for run in runs} == {("mine",)}
    own, table2 = made["tables"]
    (row,) = (row for row in table2["rows"] if row[""] == "20 layers")
    errors = [run.info.error * 100 for run in runs if run.info.net.unit == "plain"]  # type: ignore[operator]
    text = f"{np.mean(errors):.2f} ± {np.std(errors, ddof=1):.2f} (2)"
    assert row["plain, digits16, A"] == row["plain, digits16, B"] == text, "beside either option"
    assert row["ResNet, digits16, A"] != row["ResNet, digits16, B"]
    assert len(own["rows"]) == 3
    residual = [run for run in runs if run.info.net.shortcut == "B" and run.info.net.has_shortcuts]
    one = next(run for run in residual if run.info.seed == 1)
    config, threads = TrainConfig.model_validate(one.info.recipe), int(one.info.versions["threads"])
    with Session(TrainingPlan([one.info.net], config, tmp_path / "alone", "cpu", threads)) as session:
        for _ in session.steps():
            pass
        session.close()
    alone = RunFolder(session.recording.writers[0].folder).rows()
    assert all(np.array_equal(values, alone[name], equal_nan=True) for name, values in one.rows().items())


@pytest.mark.skipif(os.name == "nt", reason="kills a group of processes")
def test_a_killed_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    nets = varied([catalogue.find("cifar-plain20"), catalogue.find("mlp5")], {})
    sweep = planned(nets, RECIPE.model_copy(update={"steps": 30}), {"seed": [0, 1]})
    save(sweep, tmp_path)
    arguments = ["sweep", "--resume", sweep.id, "--processes", "2", "--out", str(tmp_path)]
    command = [sys.executable, "-m", "resviz", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    limit = time.monotonic() + PATIENCE
    while not any(info.state == "running" and info.steps > 3 for info in infos(tmp_path)):
        assert time.monotonic() < limit
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=PATIENCE)
    while any(info.state == "running" for info in infos(tmp_path)):  # its children die a moment after it
        assert time.monotonic() < limit
        time.sleep(0.1)
    before = find_runs(sweep, tmp_path)
    assert any(run is not None and run.info.state == "interrupted" for run in before)
    made = sweep_json("--resume", sweep.id, "--processes", "2", "--out", str(tmp_path))
    assert made["states"] == ["finished"] * 4
    assert len(folders(tmp_path)) == 4, "none twice"
    again = sweep_json("--resume", sweep.id, "--out", str(tmp_path))
    assert again["tables"] == made["tables"]


def test_a_variation_that_can_t_be_trained_leaves_the_others(tmp_path: Path) -> None:
    sweep = planned([catalogue.find("mlp5")], RECIPE, {"batch": [32, 5000]})
    save(sweep, tmp_path)
    made = sweep_json("--resume", sweep.id, "--out", str(tmp_path), status=1)
    assert made["states"] == ["finished", None]
    (problem,) = made["problems"]
    assert "batch: 5000 is larger than the 1500 training images" in problem


def test_a_sweep_goes_to_a_cluster_as_jobs(tmp_path: Path) -> None:
    """The same jobs as on a cluster, by the launcher's own executor for one machine."""
    arguments = ("mlp5", "--seed", "0,1", "--steps", "4", "--evaluate-every", "0", "--parameter", "timeout_min=5")
    made = sweep_json(*arguments, "--cluster", "local", "--out", str(tmp_path))
    assert made["states"] == ["finished"] * 2
    assert list((tmp_path / ".sweeps" / str(made["id"])).glob("*_log.out")), "each job's output is kept"


def test_where_there_is_no_cluster_a_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    done = resviz("sweep", "mlp5", "--cluster", "slurm", "--out", str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "from which jobs can be submitted" in done.stderr


@pytest.mark.parametrize("id", ["../x", "", "/etc/passwd", "nothing"])
def test_a_plan_is_found_by_its_id_and_no_path_is_made_of_it(tmp_path: Path, id: str) -> None:
    with pytest.raises(RunError, match="There is no sweep"):
        load(id, tmp_path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["id", "title", "variations", "spec", "recipe", "x"]), inner, max_size=5)
        ),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_plan_s_file_does_harm(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".sweeps").mkdir(exist_ok=True)
    (tmp_path / ".sweeps" / "a.json").write_bytes(content)
    try:
        assert isinstance(load("a", tmp_path), Sweep)
    except RunError as error:
        assert "\n" not in str(error)


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["told to end", "killed"])
def test_a_sweep_that_is_ended_begins_nothing_more(tmp_path: Path, how: signal.Signals) -> None:
    """Whoever ends the sweep ends its workers, too: what is under way keeps what it has, what waits does not begin."""
    sweep = planned([catalogue.find("cifar-plain20")], RECIPE.model_copy(update={"steps": 2000}), {"seed": [0, 1, 2]})
    save(sweep, tmp_path)
    command = [sys.executable, "-m", "resviz", "sweep", "--resume", sweep.id, "--out", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    limit = time.monotonic() + PATIENCE
    while not any(RunFolder(folder).info.steps > 3 for folder in folders(tmp_path)):
        assert time.monotonic() < limit
        time.sleep(0.1)
    process.send_signal(how)
    process.wait(timeout=60)
    while any(run is not None and run.info.state == "running" for run in find_runs(sweep, tmp_path)):
        assert time.monotonic() < limit
        time.sleep(0.1)
    time.sleep(3)
    (folder,) = folders(tmp_path)
    assert RunFolder(folder).info.state == "stopped"
    assert RunFolder(folder).info.steps < 2000


def test_a_cluster_without_accounts_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ClusterLauncher(tmp_path, "local")
    ClusterLauncher(tmp_path, "local")
    logger = logging.getLogger("submitit")
    kept = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    try:
        for call in range(5):
            logger.warning("Call #%d - Bypassing sacct error, status may be inaccurate.", call)
        logger.warning("something else")
    finally:
        logger.removeHandler(handler)
        logger.filters.clear()
    assert kept == ["something else"]
    assert capsys.readouterr().err.count("the states of jobs are approximate") == 1
