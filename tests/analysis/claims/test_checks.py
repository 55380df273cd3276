"""What is printed is recomputed; nothing differs without saying why, and no verdict is stored."""

import json
from decimal import Decimal

import pytest

from resviz.analysis.claims.checks import check
from resviz.analysis.claims.facts import facts
from resviz.analysis.claims.reasons import reason, ways_to_count_flops, ways_to_count_parameters
from resviz.analysis.claims.verdicts import CheckedClaim, number, rounded, rounds_to
from resviz.analysis.counts import count
from resviz.nets import catalogue
from resviz.nets.build import build
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


REASONS = {
    "table1-50-flops": "none of the ways of counting",
    "text-share": "the printed 3.6 G divided by the printed 19.6 G gives it: 18.4%",
    "text-vgg19-conv": "gives it: 19.63 G",
    "inception-reduced-ops": "twice",
    "googlenet-12-times": "none of the ways of counting",
    "lecture-conv1-stride": "its own would give 224×224",
    "lecture-resnet152-parameters": "none of the ways of counting",
    "lecture-imagenet-weight-decay": "0.0001 (section 3.4)",
    "lecture-googlenet-parameters": "AlexNet's printed 60 M, divided by the 12 that the paper prints, gives it: 5.00 M",
    "lecture-googlenet-parallel-layers": "its depth, along the longest path, gives it: 22",
    "lecture-googlenet-fc": "fc, 1000",
}


def test_the_differences_are_those_that_are_known_each_for_its_reason(claims: dict[str, CheckedClaim]) -> None:
    assert {claim.id for claim in claims.values() if claim.verdict == "differs"} == set(REASONS)
    for id, words in REASONS.items():
        assert words in claims[id].why


def test_a_reason_is_a_number_that_was_computed_and_compared() -> None:
    printed = Decimal("3.8e9")
    tried = {"one way": 3_857_973_248, "another way": 3_760_000_000}
    assert reason(printed, tried) == "another way gives it: 3.76 G"
    assert (
        reason(printed, {"one way": 3_857_973_248})
        == "none of the ways of counting that we tried gives it: one way 3.86 G"
    )
    for net, found in (("resnet50", printed), ("resnet152", Decimal("64e6"))):
        ways = ways_to_count_flops(net) if net == "resnet50" else ways_to_count_parameters(net)
        assert len(ways) >= 4
        assert not any(rounds_to(count, found) for count in ways.values()), "or a reason could be given"


def test_ways_of_counting_are_those_of_other_nets_that_can_be_built() -> None:
    ways = ways_to_count_flops("resnet50")
    other = count(build(catalogue.find("resnet50").with_options(stride_in="3x3")))
    assert ways["stride in the 3×3 convolution"] == other.flops == 4_089_184_256
    assert ways["the convolutions alone"] == 3_857_973_248 - 2048 * 1000
    ways = ways_to_count_parameters("googlenet")
    assert ways["with the auxiliary classifiers"] == 13_378_280
    assert ways["all but the fully connected layers"] == 6_998_552 - 1024 * 1000 - 1000


def test_a_rounded_number_is_held_against_its_digits_and_not_its_zeros() -> None:
    def verdict(printed: str, computed: int) -> str:
        return rounded("id", "source", "what", printed, computed).verdict

    assert verdict("800K", 802_816) == "agrees"
    assert verdict("800K", 851_000) == "differs"
    assert verdict("3.2M", 3_211_264) == "agrees"
    assert verdict("3.2M", 3_260_000) == "differs"
    assert verdict("4096", 4096) == "agrees"
    assert verdict("4096", 4097) == "differs"


def test_only_what_was_printed_stands_as_printed(claims: dict[str, CheckedClaim]) -> None:
    assert (claims["cs231n-vgg16-00-memory"].printed, claims["cs231n-vgg16-00-memory"].computed) == ("150K", "150 528")
    stride = claims["lecture-conv1-stride"]
    assert (stride.what, stride.printed, stride.computed) == ("stride of conv1 in table 1", "1", "2")


def test_two_errors_of_one_net_say_what_each_is_of(claims: dict[str, CheckedClaim]) -> None:
    assert "144 crops, test set; the 9.15" in claims["googlenet-top5"].why
    assert "the 9.33 of VGG-16 is of one net" in claims["vgg-top5-vgg"].why
    assert claims["table5-top5"].printed == "3.57"
    assert sum(claim.printed == "11.7" for claim in claims.values()) == 1, "ZFNet stands once"


def test_no_lecture_is_without_its_name(claims: dict[str, CheckedClaim]) -> None:
    assert not [claim.source for claim in claims.values() if claim.source.startswith("a ")]


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


def test_each_of_zfnets_five_convolutions_is_held_against_the_net(claims: dict[str, CheckedClaim]) -> None:
    found = {name for name in claims if name.startswith("zfnet-conv")}
    assert found == {f"zfnet-conv{number}" for number in range(1, 6)}
