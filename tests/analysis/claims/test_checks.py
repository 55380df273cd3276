"""What is printed is recomputed; nothing differs without saying why, and no verdict is stored."""

import json
from decimal import Decimal

import pytest

from resviz.analysis.claims.checks import check
from resviz.analysis.claims.facts import facts
from resviz.analysis.claims.verdicts import CheckedClaim, number
from tests.helpers.command_line import resviz


@pytest.fixture(scope="module")
def claims() -> dict[str, CheckedClaim]:
    return {claim.id: claim for claim in check()}


def test_each_claim_has_a_name_of_its_own(claims: dict[str, CheckedClaim]) -> None:
    assert len(claims) == len(check())
    assert all(claim.source and claim.what and claim.printed for claim in claims.values())


def test_no_difference_goes_unexplained(claims: dict[str, CheckedClaim]) -> None:
    for claim in claims.values():
        if claim.verdict == "differs":
            assert claim.why, claim.id
        if claim.verdict == "agrees":
            assert claim.computed, claim.id


def test_the_differences_are_those_that_are_known(claims: dict[str, CheckedClaim]) -> None:
    assert {claim.id for claim in claims.values() if claim.verdict == "differs"} == {
        "table1-50-flops",  # 3.86 G, cut off
        "text-share",  # 18.6 %, cut off
        "text-vgg19-conv",  # two conventions in one paper
        "lecture-conv1-stride",
        "lecture-resnet152-parameters",
        "lecture-imagenet-weight-decay",
        "lecture-googlenet-parameters",
        "inception-reduced-ops",  # 358 M has one of its products twice
    }


def test_every_figure_of_the_fact_files_that_a_depth_table_can_give_is_a_claim(claims: dict[str, CheckedClaim]) -> None:
    resnet, vgg = facts("resnet"), facts("vgg")
    table = resnet["table1"][0]
    assert sum(id.startswith("table1-") and id.endswith("-flops") for id in claims) == len(table["flops"])
    assert sum(id.startswith("table6-") and id.endswith("-parameters") for id in claims) == len(resnet["cifar"]["rows"])
    assert sum(id.startswith("cs231n-vgg16-") for id in claims) == 2 * len(vgg["memory_and_params"][0]["rows"])
    errors = sum(error != "-" for _, *both in resnet["imagenet_error"][0]["rows"] for error in both)
    assert sum(id.startswith("table3-") for id in claims) == errors


def test_errors_that_take_a_training_stand_as_reported(claims: dict[str, CheckedClaim]) -> None:
    error = claims["table3-resnet-152-top5"]
    assert (error.verdict, error.printed, error.computed) == ("measured elsewhere", "5.71", "")


def test_a_fully_connected_layer_costs_what_the_lecture_says_it_does_against_a_convolution(
    claims: dict[str, CheckedClaim],
) -> None:
    assert claims["lesson-fc"].computed == "9 437 184"
    assert claims["lesson-conv"].computed == "81"


def test_a_verdict_comes_from_the_digits_that_are_printed() -> None:
    def verdict(printed: Decimal | int, computed: int | Decimal) -> str:
        return number("id", "source", "what", printed, computed).verdict

    assert verdict(Decimal("1.8e9"), 1_849_999_999) == "agrees"
    assert verdict(Decimal("1.8e9"), 1_850_000_001) == "differs"
    assert verdict(Decimal("0.18"), Decimal("0.1849")) == "agrees"
    assert verdict(110, 110) == "agrees"
    assert verdict(110, 111) == "differs"


def test_the_command_prints_every_claim_as_json_and_as_tables() -> None:
    done = resviz("check", "--json", check=True)
    document = json.loads(done.stdout)["claims"]
    assert len(document) == len(check())
    assert set(document[0]) == {"id", "source", "what", "printed", "computed", "verdict", "why"}
    done = resviz("check", check=True)
    assert f"{len(document)} printed numbers" in done.stdout
    assert "3.8 G" in done.stdout
