"""The command that makes the sample runs follows whole recipes, and keeps little of them."""

from pathlib import Path

from resviz.experiments.sample_runs import LONG, ROW_EVERY, make_whole_trainings
from resviz.runs.folder import RunFolder
from resviz.runs.notes import read_notes


def test_whole_trainings_are_small_tagged_and_two_of_them_keep_their_weights(
    tmp_path: Path, monkeypatch: object
) -> None:
    make_whole_trainings(tmp_path, steps=2)
    runs = {run.info.net.label: run for run in map(RunFolder, tmp_path.iterdir())}
    assert len(runs) == 10
    assert {read_notes(run.folder).tags for run in runs.values()} == {("degradation",), ("convergence",)}
    kept = {label for label, run in runs.items() if run.checkpoint()}
    assert kept == {"plain-20", "ResNet-20"}
    assert ROW_EVERY < LONG
