"""What is said of saved runs outside their own curves: lists, the papers' tables, imports, the report."""

import base64
import json
import math
import re
import shutil
import struct
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.analysis.counts import count
from resviz.base.errors import RunError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.results.columns import COLUMNS, RunColumn, filter_runs, group_runs, sort_runs
from resviz.results.final_tables import TABLES, group_by_seed, own, table2, table3, table6, variations
from resviz.results.report import ReportFigure, report
from resviz.results.run_summary import RunSummary, trained_runs
from resviz.results.summary import find_summaries, read_summary
from resviz.runs.curve_import import ImportedCurves, as_scalar, guess_scalar, read_curves
from resviz.runs.library import sample_folder
from resviz.runs.notes import write_notes
from tests.helpers.command_line import resviz
from tests.helpers.written_runs import begin, some_rows


def a_run(root: Path, net: str = "cifar-resnet20", error: float | None = None, **recipe: object) -> RunSummary:
    seed = recipe.get("seed", 0)
    writer = begin(root, net, seed=seed, recipe={"data": "digits", "seed": seed, **recipe})
    writer.append({**some_rows(0, 2), "held_out_error": np.full(2, np.nan)})
    writer.finish("finished", **({} if error is None else {"error": error}))
    return read_summary(writer.folder)


def test_a_net_s_sizes_are_those_of_its_graph(tmp_path: Path) -> None:
    run = a_run(tmp_path, "resnet34")
    counts = count(build(catalogue.find("resnet34")))
    assert (run.depth, run.parameters, run.flops) == (counts.depth, counts.parameters, counts.flops)


def test_the_order_is_by_value_and_what_has_none_is_last(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, error=error) for error in (0.5, None, 0.09, 0.1)]
    assert [run.info.error for run in sort_runs(runs, "error", descending=False)] == [0.09, 0.1, 0.5, None]
    assert [run.info.error for run in sort_runs(runs, "error", descending=True)] == [0.5, 0.1, 0.09, None]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_can_be_ordered_by(tmp_path: Path, column: RunColumn) -> None:
    runs, problems = find_summaries(sample_folder())
    assert not problems
    runs = [*runs, a_run(tmp_path)]
    assert len(sort_runs(runs, column.name, descending=True)) == len(runs)


def test_a_filter_finds_words_in_all_that_is_said_of_a_run(tmp_path: Path) -> None:
    plain, residual = a_run(tmp_path, "cifar-plain20", optimizer="adam"), a_run(tmp_path)
    write_notes(residual.folder, notes="as in the LECTURE")
    residual = read_summary(residual.folder)
    runs = [plain, residual]
    assert filter_runs(runs, "adam") == [plain]
    assert filter_runs(runs, "lecture RESNET") == [residual]
    assert filter_runs(runs, "net:plain") == [plain]
    assert filter_runs(runs, "depth:20") == runs
    assert filter_runs(runs, "state:failed") == []
    assert filter_runs(runs, "http://nowhere") == []


def test_a_run_of_two_tags_is_in_both_groups(tmp_path: Path) -> None:
    one = a_run(tmp_path)
    write_notes(one.folder, tags=("a", "b"))
    runs = [read_summary(one.folder), a_run(tmp_path)]
    assert [(text, len(found)) for text, found in group_runs(runs, "tags")] == [("a", 1), ("b", 1), ("—", 1)]


def test_seeds_have_their_mean_and_sample_deviation(tmp_path: Path) -> None:
    runs = [a_run(tmp_path, error=error, seed=seed) for seed, error in enumerate((0.06, 0.07, 0.08))]
    (group,) = group_by_seed(runs)
    assert group.mean == pytest.approx(0.07)
    assert group.deviation == pytest.approx(0.01)
    assert group.text == "7.00 ± 1.00 (3)"
    assert group_by_seed(runs[:1])[0].text == "6.00"


def test_what_was_varied_is_a_column_of_its_own_and_the_depth_is_not(tmp_path: Path) -> None:
    runs = [
        a_run(tmp_path, net, 0.1, learning_rate=rate)
        for net in ("cifar-plain20", "cifar-resnet20", "cifar-resnet32")
        for rate in (0.1, 0.01)
    ]
    assert list(variations(group_by_seed(runs))) == ["digits, learning rate 0.1", "digits, learning rate 0.01"]
    assert own(runs).headings == ("net", "layers", *variations(group_by_seed(runs)), "parameters", "FLOPs")


def test_a_run_that_did_not_end_and_a_copy_are_no_further_measurements(tmp_path: Path) -> None:
    ended = a_run(tmp_path, error=0.1)
    shutil.copytree(ended.folder, tmp_path / "a copy")
    failed = begin(tmp_path, seed=1, recipe=ended.info.recipe)
    failed.append({**some_rows(0, 2), "held_out_error": np.array([0.9, np.nan])})
    failed.finish("failed")
    (group,) = group_by_seed([ended, read_summary(tmp_path / "a copy"), read_summary(failed.folder)])
    assert group.text == "10.00"


def test_own_columns_stand_beside_the_paper_s(tmp_path: Path) -> None:
    runs = [
        a_run(tmp_path, "cifar-resnet20", 0.0912),
        a_run(tmp_path, "cifar-plain20", 0.1),
        a_run(tmp_path, "resnet34", 0.3),
    ]
    by_depth = {row[1]: row for row in table6(runs).rows if row[0] == "ResNet"}
    assert by_depth["20"][2:] == ("9.12", "0.27 M", "8.75")
    assert by_depth["110"][2:] == ("—", "1.7 M", "6.43 (6.61 ± 0.16)")
    rows = {row[0]: row for row in table2(runs).rows}
    assert rows["34 layers"][1:] == ("—", "30.00", "28.54", "25.03")
    assert rows["20 layers"][1:] == ("10.00", "9.12", "—", "—")
    assert {row[0]: row[1:] for row in table3(runs).rows}["ResNet-34 A"] == ("30.00", "25.03", "7.76")
    for make in TABLES.values():
        made = make(runs)
        assert all(len(row) == len(made.headings) for row in made.rows)


def test_the_samples_are_degradation_as_the_paper_has_it() -> None:
    """Table 2's point: the deeper plain net is worse, the deeper residual net is hardly."""
    runs, _ = find_summaries(sample_folder())
    errors = {run.spec.name: run.info.error for run in trained_runs(runs) if run.notes.tags == ("depth",)}
    assert errors["cifar-plain56"] > errors["cifar-plain20"] + 0.2  # type: ignore[operator]
    assert errors["cifar-resnet56"] < errors["cifar-plain56"] - 0.2  # type: ignore[operator]
    assert errors["cifar-resnet20"] < errors["cifar-plain20"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "steps", "column", "values"),
    [
        ("step,loss\n0,2.5\n10,1.5\n", [0, 10], "loss", [2.5, 1.5]),
        ("loss\n2.5\n1.5\n", [0, 1], "loss", [2.5, 1.5]),
        ("Iteration;Verlust\n0;2,5\n10;1,5\n", [0, 10], "Verlust", [2.5, 1.5]),
        ("epoch\tloss\n2\t1\n1\t2\n", [1, 2], "loss", [2, 1]),
        ("\ufeffstep,loss\n0,2\n1,\n2,nan\n3,5\n4\n", [0, 3], "loss", [2, 5]),
        ('step,"loss, train"\n0,1\n1,2\n', [0, 1], "loss, train", [1, 2]),
        ("Wall time,Step,Value\n1763700000.5,0,2\n1763700001.5,5,1\n", [0, 5], "Value", [2, 1]),
        ("epoch,step,train_loss\n0,49,2\n1,99,1\n", [49, 99], "train_loss", [2, 1]),
        ("zeit;loss\n0,5;2,25\n1,5;1,25\n", [0, 1], "loss", [2.25, 1.25]),
    ],
)
def test_csv_is_read_as_people_write_it(
    tmp_path: Path, text: str, steps: list[float], column: str, values: list[float]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    x, y = read_curves(path).columns[column]
    assert x.tolist() == steps
    assert y.tolist() == values


@pytest.mark.parametrize("text", ["", "loss\n", "a,b\nx,y\n", "\0\0\0"])
def test_csv_without_numbers_is_refused_in_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(RunError) as caught:
        read_curves(path)
    assert "\n" not in str(caught.value)


def test_event_files_are_read_as_tensorboard_reads_them(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(tmp_path / "run")) as writer:
        for step in range(50):
            writer.add_scalar("train/loss", math.exp(-step / 10), step * 3)
            writer.add_scalar("val/error", 1 / (step + 1), step * 3)
            writer.add_histogram("weights", np.arange(5), step)
    theirs = EventAccumulator(str(tmp_path / "run"), {"scalars": 0})
    theirs.Reload()
    ours = read_curves(tmp_path / "run")
    assert set(ours.columns) == set(theirs.Tags()["scalars"])
    for tag, (steps, values) in ours.columns.items():
        assert [(event.step, event.value) for event in theirs.Scalars(tag)] == list(zip(steps, values, strict=True))


def events(tmp_path: Path) -> Path:
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(20):
            writer.add_scalar("loss", step, step)
    return next(tmp_path.glob("events*"))


def test_an_event_file_that_was_cut_or_changed_is_read_up_to_there(tmp_path: Path) -> None:
    path = events(tmp_path)
    content = path.read_bytes()
    whole = read_curves(path).columns["loss"][1].tolist()
    random = np.random.default_rng(0)
    for place in random.integers(60, len(content), 60):
        for changed in (content[:place], content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]):
            path.write_bytes(changed)
            try:
                found = read_curves(path).columns["loss"][1].tolist()
            except RunError:
                found = []
            assert found == whole[: len(found)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "events.out.tfevents.1"]))
def test_no_file_from_elsewhere_does_harm(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    try:
        assert isinstance(read_curves(path), ImportedCurves)
    except RunError as error:
        assert "\n" not in str(error).replace(str(path), "")


def test_a_record_that_claims_to_be_huge_is_not_believed(tmp_path: Path) -> None:
    from tensorboardX.crc32c import crc32c

    length = struct.pack("<Q", 2**62)
    crc = crc32c(length)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(length + struct.pack("<I", masked) + b"x" * 100)
    with pytest.raises(RunError, match="there are no scalars in it"):
        read_curves(path)


def test_a_column_is_the_scalar_that_its_name_says() -> None:
    status_message = {
        "loss": "loss",
        "train/loss": "loss",
        "val_loss": "held_out_loss",
        "Error/test": "held_out_error",
        "err": "error",
        "lr": "learning_rate",
        "Value": "",
        "interval": "",
        "anything": "",
    }
    assert {name: guess_scalar(name) for name in status_message} == status_message


class Tags(HTMLParser):
    """Which elements a page has, and what they load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attributes if name in ("src", "href")]


def test_a_report_loads_nothing_and_what_is_said_of_runs_is_text_in_it(tmp_path: Path) -> None:
    run = a_run(tmp_path, error=0.1)
    write_notes(run.folder, title="<script>alert(1)</script>", notes="<img src=http://nowhere>", tags=("<b>",))
    runs = [read_summary(run.folder), a_run(tmp_path, "cifar-plain20", 0.2)]
    text = report(runs, [one.label for one in runs], [ReportFigure("<i>loss</i>", b"<svg/>", "a & b")])
    page = Tags()
    page.feed(text)
    assert not {"script", "b", "i", "link", "iframe"} & set(page.tags)
    assert page.loaded == ["data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode()]
    assert "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    assert "10.00" in text, "the final errors"


def test_the_command_line_compares_as_the_window_does(tmp_path: Path) -> None:
    """A table of the samples, and a report whose figures are real drawings: paths and text, read by an XML parser."""
    samples = [run for run in find_summaries(sample_folder())[0] if run.notes.tags == ("depth",)]
    folders = [str(run.folder) for run in samples]
    printed = resviz("compare", *folders, "--table", "table6", "--json", check=True)
    rows = {(row["method"], row["layers"]): row for row in json.loads(printed.stdout)["rows"]}
    own_error = next(run.info.error for run in trained_runs(samples) if run.spec.name == "cifar-resnet56")
    assert rows["ResNet", "56"]["digits16"] == f"{own_error * 100:.2f}"  # type: ignore[operator]
    assert rows["ResNet", "56"]["CIFAR-10, paper"] == "6.97"
    path = tmp_path / "report.html"
    made = resviz("compare", *folders, "--report", str(path), check=True)
    assert made.stderr == f"wrote {path}\n"
    figures = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", path.read_text(encoding="utf-8"))
    assert len(figures) >= 8
    for figure in figures:
        root = ElementTree.fromstring(base64.b64decode(figure))
        kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert {"path", "text"} <= kinds
        assert "plain-56" in "".join(root.itertext()) or "plain, digits16" in "".join(root.itertext())


def test_a_list_on_the_command_line_is_filtered_and_ordered(tmp_path: Path) -> None:
    for name, error in (("cifar-plain20", 0.3), ("cifar-resnet20", 0.1), ("cifar-resnet32", 0.2)):
        a_run(tmp_path, name, error)
    command = ("runs", "net:resnet", "--folder", str(tmp_path), "--by", "error")
    listed = json.loads(resviz(*command, "--json", check=True).stdout)["runs"]
    assert [run["net"] for run in listed] == ["ResNet-20", "ResNet-32"]
    assert listed[0]["multiply_adds"] == count(build(catalogue.find("cifar-resnet20"))).flops
    wrong = resviz(*command[:-1], "size")
    assert wrong.returncode == 2
    assert all(column.name in wrong.stderr for column in COLUMNS)


def test_an_accuracy_is_drawn_as_an_error_and_an_unknown_name_as_nothing() -> None:
    assert guess_scalar("val/accuracy") == "held_out_accuracy"
    assert guess_scalar("train_acc") == "accuracy"
    assert guess_scalar("something") == guess_scalar("eval/something") == ""
    scalar, values = as_scalar("held_out_accuracy", np.array([0.5, 0.9]))
    assert scalar == "held_out_error"
    assert values == pytest.approx([0.5, 0.1])
    _scalar, percent = as_scalar("accuracy", np.array([50.0, 90.0]))
    assert percent == pytest.approx([0.5, 0.1])
    assert as_scalar("loss", np.array([50.0]))[1] == [50.0]
    assert as_scalar("", np.array([1.0]))[0] == ""


def test_the_steps_of_an_epoch_are_those_of_the_run_or_of_its_data_set(tmp_path: Path) -> None:
    def steps(**info: Any) -> int | None:
        return read_summary(begin(tmp_path, **info).folder).epoch_steps

    recipe = {"data": "cifar10", "batch": 100, "held_out": "test"}
    assert steps(epoch_steps=7, recipe=recipe) == 7
    assert steps(recipe=recipe) == 500, "an older run, by the name of its data set"
    assert steps(recipe={**recipe, "held_out": "validation"}) is None, "of which some images are held out"
    assert steps(epoch_steps=450, recipe={**recipe, "held_out": "validation"}) == 450
