"""Parameters and FLOPs are exact, and are the papers'."""

from decimal import Decimal

import pytest

from resviz.analysis.claims.facts import facts, flops_claim, parameters_claim
from resviz.analysis.claims.verdicts import rounded
from resviz.analysis.counts import Counts, count, exact, short
from resviz.nets import catalogue
from resviz.nets.build import build


def _counts(name: str, **options: object) -> Counts:
    return count(build(catalogue.find(name).with_options(**options)))


@pytest.mark.parametrize(
    ("name", "options", "parameters", "flops"),
    [
        ("resnet50", {}, 25_557_032, 3_857_973_248),
        ("resnet50", {"stride_in": "3x3"}, 25_557_032, 4_089_184_256),
        ("resnet152", {}, 60_192_808, None),
        ("vgg16", {}, 138_357_544, 15_470_264_320),
        ("vgg19", {}, 143_667_240, 19_632_062_464),
        ("torchvision-resnet18", {}, 11_689_512, None),
    ],
)
def test_totals_are_exact(name: str, options: dict[str, str], parameters: int, flops: int | None) -> None:
    counts = _counts(name, **options)
    assert counts.parameters == parameters
    assert flops is None or counts.flops == flops


@pytest.mark.parametrize(("depth", "printed"), [(18, 1.8), (34, 3.6), (101, 7.6), (152, 11.3)])
def test_table_1s_flops_agree(depth: int, printed: float) -> None:
    assert round(_counts(f"resnet{depth}").flops / 1e9, 1) == printed


def test_every_printed_flops_figure_of_table_1_has_its_claim() -> None:
    table = facts("resnet")["table1"][0]
    for column, printed in zip(table["columns"], table["flops"], strict=True):
        spec = catalogue.find("resnet" + column.split("-")[0])
        claim = flops_claim(spec, count(build(spec)))
        assert claim is not None
        assert claim.printed == printed
        assert claim.agrees == (column != "50-layer")


def test_the_50_layer_figure_can_not_be_counted_and_the_verdict_says_what_was_tried() -> None:
    spec = catalogue.find("resnet50")
    claim = flops_claim(spec, count(build(spec)))
    assert claim is not None
    assert claim.verdict == "differs"
    assert "none of the ways of counting" in claim.why
    assert "4.09 G" in claim.why


def test_figure_3_and_the_text_print_what_is_computed() -> None:
    resnet = facts("resnet")
    assert _rounds_to(_counts("plain34").flops, resnet["figure3"]["plain34_flops"])
    assert _rounds_to(_counts("resnet34").flops, resnet["figure3"]["resnet34_flops"])
    assert _rounds_to(_counts("vgg19").flops, resnet["figure3"]["vgg19_flops"])
    assert _rounds_to(_counts("vgg16").kind_flops("conv"), resnet["text"]["vgg16_flops"])
    assert _rounds_to(_counts("vgg19").flops, resnet["text"]["vgg19_flops"])
    share = _counts("resnet34").flops / _counts("vgg19").flops
    # 3.64/19.63 is 18.6 %: the paper cuts it off to "18%".
    assert int(share * 100) == resnet["text"]["resnet34_share_of_vgg19"] * 100


def test_option_b_makes_the_34_layer_net_3_66_g() -> None:
    assert round(_counts("resnet34", shortcut="B").flops / 1e9, 2) == 3.66  # the comment beside table 1's figures


def test_the_same_net_keeps_its_claim_whatever_makes_no_difference_to_it() -> None:
    spec = catalogue.find("resnet34").with_options(stride_in="3x3")
    assert flops_claim(spec, count(build(spec))) is not None


def test_every_cifar_net_from_20_to_1202_grows_by_the_same_amount() -> None:
    """So that the layer-by-layer comparison with torch at some depths holds for all of them."""
    for unit in ("plain", "resnet"):
        totals = [
            (counts.parameters, counts.flops)
            for counts in (_counts(f"cifar-{unit}{depth}") for depth in (*range(20, 120, 6), 596, 1202))
        ]
        growth = (totals[1][0] - totals[0][0], totals[1][1] - totals[0][1])
        for depth, total in zip((*range(20, 120, 6), 596, 1202), totals, strict=True):
            steps = (depth - 20) // 6
            assert total == (totals[0][0] + steps * growth[0], totals[0][1] + steps * growth[1])


def test_the_64_million_that_a_lecture_gives_resnet_152_are_60() -> None:
    claimed = facts("resnet")["text"]["resnet152_params_claimed_by_a_lecture"]
    assert not _rounds_to(_counts("resnet152").parameters, claimed)
    assert short(_counts("resnet152").parameters) == "60.19 M"


def test_table_6s_parameters_agree() -> None:
    for depth, millions, _ in facts("resnet")["cifar"]["rows"]:
        spec = catalogue.find(f"cifar-resnet{depth}")
        counts = count(build(spec))
        claim = parameters_claim(spec, counts)
        assert claim is not None
        assert claim.printed == millions * 10**6
        # 0.853 M is printed as 0.85, 19.42 as 19.4: all agree to the printed digit.
        assert claim.agrees, (depth, counts.parameters)


def test_option_a_adds_nothing_and_b_adds_its_projections() -> None:
    a, b, plain = _counts("resnet34"), _counts("resnet34", shortcut="B"), _counts("plain34")
    assert a.parameters == plain.parameters
    assert a.flops == plain.flops
    projections = sum(row.parameters for row in b.rows if "downsample" in row.layer.name)
    assert b.parameters - a.parameters == projections == 64 * 128 + 128 * 256 + 256 * 512 + 2 * (128 + 256 + 512)


def test_vggs_layers_are_the_lectures_table() -> None:
    rows = facts("vgg")["memory_and_params"][0]["rows"]
    drawn = [r for r in _counts("vgg16").rows if r.layer.op.kind in ("input", "conv", "max pool", "fc")]
    assert len(drawn) == len(rows)
    for row, (_, shape, elements, weights) in zip(drawn, rows, strict=True):
        height, width, channels = (int(n) for n in shape.split("x"))
        expected = (channels,) if row.layer.op.kind == "fc" else (channels, height, width)
        assert row.layer.shape == expected
        assert rounded("id", "source", "what", elements, _product(row.layer.shape)).verdict == "agrees"
        biases = row.layer.shape[0] if row.layer.op.weighted else 0
        assert row.parameters - biases == weights


def test_an_activation_whose_input_is_read_elsewhere_takes_memory_of_its_own() -> None:
    graph = build(catalogue.find("cifar-preresnet20").with_options(norm="none"))
    rows = {row.layer.name: row for row in count(graph).rows}
    assert rows["layer1.1.relu1"].activations == 16 * 32 * 32, "the shortcut reads the sum too"
    assert rows["layer1.1.relu2"].activations == 0


def test_an_edited_net_has_no_claim() -> None:
    spec = catalogue.find("resnet34").with_options(input="3x64x64")
    assert flops_claim(spec, count(build(spec))) is None
    renamed = catalogue.find("resnet34").with_options(name="mine", title="")
    assert flops_claim(renamed, count(build(renamed))) is not None


def test_labels_round_and_exact_ones_do_not() -> None:
    assert short(3_857_973_248) == "3.86 G"
    assert exact(3_857_973_248) == "3 857 973 248"
    assert short(9408) == "9 408"


def _rounds_to(computed: int, printed: Decimal) -> bool:
    return round(Decimal(computed), -int(printed.as_tuple().exponent)) == printed


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total
