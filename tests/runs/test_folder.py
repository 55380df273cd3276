"""A run folder says what was run and how it ended, also when nobody ended it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from resviz.base.errors import RunError
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder, RunWriter
from resviz.runs.library import default_folder, find, sample_folder
from tests.helpers.written_runs import RUN_LAYERS, begin, change_json, some_rows


def test_a_finished_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    writer = begin(tmp_path, group="duel")
    writer.append(some_rows(0, 3))
    writer.finish("finished", error=0.25)
    run = RunFolder(writer.folder)
    assert run.info.net == catalogue.find("cifar-resnet20")
    assert (run.info.state, run.info.steps, run.info.error, run.info.group) == ("finished", 3, 0.25, "duel")
    assert run.layers == RUN_LAYERS
    assert run.rows()["step"].tolist() == [0, 1, 2]
    events = [json.loads(line)["event"] for line in (writer.folder / "events.jsonl").read_text().splitlines()]
    assert events == ["started", "finished"]


def test_a_run_is_readable_before_it_ends(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    assert RunFolder(writer.folder).info.state == "running"
    assert RunFolder(writer.folder).rows() == {}
    writer.append(some_rows(0, 2))
    assert len(RunFolder(writer.folder).rows()["step"]) == 2
    writer.finish("stopped")


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    """A run that has ended."""
    writer = begin(tmp_path)
    writer.append(some_rows(0, 2))
    writer.finish("finished")
    return writer.folder


def test_a_run_whose_program_is_gone_shows_as_interrupted(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    change_json(writer.folder / "run.json", pid=2**22 + 17)  # larger than any process id of Linux
    assert RunFolder(writer.folder).info.state == "interrupted"


def test_a_checkpoint_is_replaced_whole(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    for steps in (1, 2):
        writer.checkpoint({"net.weight": np.full(4, steps, np.float32)}, steps)
        assert load_file(writer.folder / "checkpoint.safetensors")["net.weight"].tolist() == [steps] * 4
    assert not list(writer.folder.glob(".*"))
    writer.finish("stopped")


def test_a_number_that_is_none_is_null_in_json(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    rows = some_rows(0, 2)
    rows["loss"][-1] = np.nan
    writer.append(rows)
    writer.finish("finished")
    assert json.loads((writer.folder / "run.json").read_text())["loss"] is None
    assert RunFolder(writer.folder).info.loss is None


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("run.json", "{", "run.json: .*Was the file changed by hand"),
        ("run.json", "[1]", "run.json: "),
        ("run.json", None, "run.json: No such file"),
        ("layers.json", "{}", "layers.json was changed after it was written"),
        ("run.json", '{"format": 4}', "run.json was changed after it was written"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, file: str, content: str | None, says: str) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    path = writer.folder / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(RunError, match=says):
        _ = RunFolder(writer.folder).layers


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), file=st.sampled_from(["run.json", "layers.json"]))
def test_no_changed_bit_of_a_json_file_goes_unseen(ended: Path, data: st.DataObject, file: str) -> None:
    path = ended / file
    whole = path.read_bytes()
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(whole)
    changed[at] ^= 1 << bit
    path.write_bytes(changed)
    try:
        with pytest.raises(RunError):
            _ = RunFolder(ended).layers
    finally:
        path.write_bytes(whole)


def test_a_json_file_with_its_checksum_is_json_for_every_other_program(ended: Path) -> None:
    assert json.loads((ended / "run.json").read_text())["format"] == 4
    assert json.loads((ended / "layers.json").read_text())["quantities"]


def test_a_resumed_run_of_format_3_stays_one(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sorted(sample_folder().iterdir()) if (path / "run.json").exists()), folder)
    assert RunFolder(folder).info.format == 3
    writer = RunWriter.resumed(folder, RunFolder(folder).info.recipe)
    writer.finish("stopped")
    assert RunFolder(folder).info.format == 3
    assert RunFolder(folder).layers.layers
    assert "epoch_steps" not in json.loads((folder / "run.json").read_text()), "what older programs do not know"


def test_an_older_format_is_refused_with_what_would_read_it(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    change_json(writer.folder / "run.json", format=1)
    with pytest.raises(RunError, match="format 1, but this Resviz reads formats 2 to 4. Use an older Resviz"):
        RunFolder(writer.folder)


def test_a_newer_format_is_refused_with_what_would_read_it(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    change_json(writer.folder / "run.json", format=5, of_the_future=1)
    with pytest.raises(RunError, match="format 5, but this Resviz reads formats 2 to 4. Use a newer Resviz"):
        RunFolder(writer.folder)


def test_a_net_that_this_program_does_not_know_is_said(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.finish("finished")
    change_json(writer.folder / "run.json", spec={**writer.info.spec, "unit": "wormhole"})
    with pytest.raises(RunError, match="unit = 'wormhole'.*newer version of Resviz"):
        _ = RunFolder(writer.folder).info.net


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="Choose another folder with --out or RESVIZ_RUNS"):
        begin(tmp_path / "file")


def test_the_library_finds_runs_newest_first_and_says_what_it_could_not_read(tmp_path: Path) -> None:
    for name in ("cifar-resnet20", "cifar-plain20"):
        begin(tmp_path, name).finish("finished")
    broken = begin(tmp_path)
    broken.finish("finished")
    (broken.folder / "run.json").write_text("no")
    (tmp_path / "not a run").mkdir()
    runs, problems = find([tmp_path, tmp_path / "never made"])
    assert [run.info.net.name for run in runs] == ["cifar-plain20", "cifar-resnet20"]
    assert len(problems) == 1


def test_the_folder_of_runs_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    monkeypatch.delenv("RESVIZ_RUNS")
    assert default_folder().parts[-2:] == ("resviz", "runs")


def test_an_impossible_process_id_breaks_no_list(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    change_json(writer.folder / "run.json", pid=2**70)
    runs, (problem,) = find([tmp_path])
    assert not runs
    assert "pid" in str(problem)
    writer.finish("stopped")


def test_a_run_that_is_not_ended_knows_from_its_rows_how_far_it_is(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 5))
    info = RunFolder(writer.folder).info
    assert (info.state, info.steps, info.error) == ("running", 5, 0.5)
    writer.finish("stopped")


def test_an_ended_run_does_not_tell_whose_machine_it_was(tmp_path: Path) -> None:
    writer = begin(tmp_path)
    assert RunFolder(writer.folder).info.host
    writer.finish("finished")
    assert (RunFolder(writer.folder).info.host, RunFolder(writer.folder).info.pid) == ("", 0)
