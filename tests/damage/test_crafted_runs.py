"""A run folder that somebody crafted is read or refused in one line, in every command and every view."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from resviz.base.errors import ResvizError
from resviz.experiments.training_plan import resume_plan
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.report_figures import read_scene, write_report
from resviz.gui.plots.views import compare_views
from resviz.measurements.rows import Rows
from resviz.runs.folder import RunFolder
from resviz.runs.run_export import to_csv, to_parquet, to_tensorboard
from resviz.runs.run_history import read_history
from resviz.runs.sealed_json import seal, unseal
from tests.helpers.command_line import resviz
from tests.helpers.compare_page import compare as compare
from tests.helpers.compare_page import refresh, settle
from tests.helpers.written_runs import begin, change_json, some_rows


def written(root: Path, rows: Rows | None = None, layers: dict[str, Any] | None = None, **info: object) -> Path:
    """A run that has ended, with other rows, members of layers.json or of run.json than its own."""
    writer = begin(root)
    writer.append(some_rows(0, 6) if rows is None else rows)
    writer.finish("finished")
    folder = writer.folder
    if layers is not None:
        change_json(folder / "layers.json", **layers)
    if info:
        change_json(folder / "run.json", **info)
    return folder


def quantities(folder: Path) -> list[dict[str, Any]]:
    path = folder / "layers.json"
    found: list[dict[str, Any]] = json.loads(unseal(path.read_bytes(), path, required=True))["quantities"]
    return found


def renamed(root: Path) -> Path:
    folder = written(root)
    change_json(folder / "layers.json", quantities=[{**quantities(folder)[0], "name": "strange"}])
    return folder


def named_loss(root: Path) -> Path:
    folder = written(root)
    change_json(folder / "layers.json", quantities=[{**quantities(folder)[0], "name": "loss"}])
    return folder


def far_ends(root: Path) -> Path:
    folder = written(root)
    (folder / "metrics-0000.crc32").write_bytes(b"1000 00000000\n%d 00000000\n" % 10**17)
    return folder


def without_quantities(root: Path) -> Path:
    rows = some_rows(0, 6)
    return written(root, {name: rows[name] for name in ("step", "loss")})


def one_number(root: Path) -> Path:
    rows = some_rows(0, 6)
    return written(root, {**rows, "weight_gradient": rows["loss"]})


def huge_error(root: Path) -> Path:
    return written(root, error=1e308, best_error=1e308, loss=1e308)


def huge_rows(root: Path) -> Path:
    rows = some_rows(0, 6)
    return written(root, {**rows, "loss": np.full(6, 1e308), "held_out_error": np.full(6, 1e308)})


def other_spec(root: Path) -> Path:
    from resviz.nets import catalogue

    return written(root, spec=catalogue.find("mlp5").model_dump())


def no_rows(root: Path) -> Path:
    folder = written(root)
    for path in folder.glob("metrics-*"):
        path.unlink()
    return folder


def backward_steps(root: Path) -> Path:
    rows = some_rows(0, 6)
    return written(root, {**rows, "step": rows["step"][::-1].copy()})


def nothing_measured(root: Path) -> Path:
    rows = some_rows(0, 6)
    return written(
        root, {name: values if name == "step" else np.full_like(values, np.nan) for name, values in rows.items()}
    )


def long_texts(root: Path) -> Path:
    return written(root, message="\x1b[31m" + "x" * 10_000, device="y" * 4000)


CRAFTED = {
    crafted.__name__: crafted
    for crafted in (
        renamed,
        named_loss,
        far_ends,
        without_quantities,
        one_number,
        huge_error,
        huge_rows,
        other_spec,
        no_rows,
        backward_steps,
        nothing_measured,
        long_texts,
    )
}


@pytest.fixture(params=CRAFTED)
def crafted(request: pytest.FixtureRequest) -> Any:
    return CRAFTED[request.param]


def test_what_reads_a_run_reads_or_refuses_it(tmp_path: Path, crafted: Any) -> None:
    folder = crafted(tmp_path / "runs")
    for number, read in enumerate(
        (
            lambda: RunFolder(folder).info.net,
            lambda: read_history(folder),
            lambda: to_csv(RunFolder(folder)),
            lambda: to_parquet(RunFolder(folder)),
            lambda: to_tensorboard(RunFolder(folder), tmp_path / "tensorboard"),
            lambda: resume_plan([folder], 12),
        )
    ):
        try:
            read()
        except ResvizError as error:
            assert len(str(error)) < 1500, number
    deadline = time.monotonic() + 10  # the thread that writes event files ends a little after them
    while any("QueueFeeder" in thread.name for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.mark.slow
def test_every_view_of_compare_shows_it_or_says_why_not(qtbot: QtBot, compare: CompareController, crafted: Any) -> None:
    folder = crafted(compare.run_actions._root)
    refresh(qtbot, compare)
    if str(folder) not in compare.runs:
        assert compare.view.browser.problem.text()
        return
    other = written(compare.run_actions._root)
    refresh(qtbot, compare)
    compare.show_only([str(folder), str(other)])
    settle(qtbot, compare)
    for view in compare_views():
        for option, _text in view.options or (("", ""),):
            compare.display.choose_view("main", view.name)
            if option:
                compare.display.choose_option("main", option)
            compare.display.move_cursor(2)
            settle(qtbot, compare)
            compare.view.panels["main"].copy_numbers()


@pytest.mark.slow
def test_the_report_has_it_or_says_why_not(qtbot: QtBot, tmp_path: Path, crafted: Any) -> None:
    folders = [crafted(tmp_path), written(tmp_path)]
    try:
        scene = read_scene(folders)
    except ResvizError as error:
        assert str(folders[0]) in str(error)
        return
    assert write_report(scene).startswith("<!doctype html>")


def test_a_recipe_with_an_unknown_key_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = written(tmp_path, recipe={"data": "digits16", "steps": 12, "warp_speed": 9})
    refused = resviz("resume", str(folder))
    assert refused.returncode == 2
    assert "warp_speed" in refused.stderr
    assert len(refused.stderr.splitlines()) <= 2


@pytest.mark.parametrize("threads", ["9999", "-1", "1e3", "٣", "0"])
def test_a_number_of_threads_that_no_machine_has_is_not_taken_over(tmp_path: Path, threads: str) -> None:
    folder = written(tmp_path, recipe={"data": "digits16", "steps": 12}, versions={"threads": threads})
    plan = resume_plan([folder])
    assert plan.threads is None or 1 <= plan.threads <= 256


def test_a_seal_does_not_make_nonsense_acceptable(tmp_path: Path) -> None:
    folder = written(tmp_path)
    for content in (b"{}", b"[]", b"{}}", b'{"format": 99}'):
        (folder / "run.json").write_bytes(seal(content))
        with pytest.raises(ResvizError):
            RunFolder(folder)
