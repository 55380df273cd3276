"""What is typed to filter the runs: words, columns and comparisons."""

import pytest

from resviz.results.columns import filter_problem, filter_runs
from resviz.results.run_summary import RunSummary
from resviz.results.summary import find_summaries
from resviz.runs.library import sample_folder


@pytest.fixture(scope="module")
def runs() -> list[RunSummary]:
    return find_summaries(sample_folder())[0]


@pytest.mark.parametrize(
    ("typed", "depths"),
    [
        ("depth>20", {32, 34, 50, 56, 100, 110}),
        ("depth>=56", {56, 100, 110}),
        ("depth=56", {56}),
        ("depth:56", {56}),
        ("depth<20", {5, 8, 18}),
    ],
)
def test_a_number_is_compared(runs: list[RunSummary], typed: str, depths: set[int]) -> None:
    found = filter_runs(runs, typed)
    assert {run.depth for run in found} == depths
    assert len(found) == sum(run.depth in depths for run in runs)


def test_an_error_is_compared_in_percent(runs: list[RunSummary]) -> None:
    found = filter_runs(runs, "error<10")
    assert found
    assert len(found) < len(runs)
    assert all(run.info.error is not None and run.info.error < 0.1 for run in found)
    assert filter_runs(runs, "error<10%") == found


def test_a_plain_number_is_one_of_the_columns_and_no_part_of_an_id(runs: list[RunSummary]) -> None:
    part = runs[0].info.id[:8]
    assert part.isdigit()
    assert filter_runs(runs, part) == []
    assert filter_runs(runs, runs[0].info.id) == [runs[0]], "a whole id is found"


@pytest.mark.parametrize("typed", ["error<", "error<<3", "nothing<3", "<3", "net<3"])
def test_what_is_no_comparison_is_a_word(runs: list[RunSummary], typed: str) -> None:
    assert filter_runs(runs, typed) == []


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("foo:bar", "No column is named foo."),
        ("error<abc", "error<abc compares no numbers."),
        ("net<3", "net<3 compares no numbers."),
        ("error<10", ""),
        ("net:plain resnet", ""),
        ("plain", ""),
    ],
)
def test_a_filter_that_can_find_nothing_says_why(typed: str, problem: str) -> None:
    found = filter_problem(typed)
    assert found.startswith(problem)
    assert bool(found) == bool(problem)
