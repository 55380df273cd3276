"""The command that makes the sample runs follows whole recipes, and keeps little of them."""

from collections import Counter
from pathlib import Path

from resviz.experiments.sample_runs import LONG, ROW_EVERY, make_whole_trainings
from resviz.runs.folder import RunFolder
from resviz.runs.notes import read_notes


def test_whole_trainings_are_small_tagged_and_two_of_them_keep_their_weights(
    tmp_path: Path, monkeypatch: object
) -> None:
    make_whole_trainings(tmp_path, steps=2)
    runs = [(read_notes(run.folder).tags[0], run) for run in map(RunFolder, tmp_path.iterdir())]
    nets = Counter(tag for tag, _run in runs)
    pages = {"not-vanishing": 2, "options": 3, "highway-deep": 4, "preactivation110": 2, "capacity": 3}
    assert nets == {"degradation": 6, "convergence": 4, **pages}
    kept = [(tag, run.info.net.label) for tag, run in runs if run.checkpoint()]
    assert sorted(kept) == [("degradation", "ResNet-20"), ("degradation", "plain-20")]
    assert ROW_EVERY < LONG
