"""Names, and what an unknown one is answered with."""

import difflib
import re

import pytest

from resviz.analysis.claims.facts import facts
from resviz.analysis.counts import count
from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.notation import Stage, Stem


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_a_resnet_is_its_column_of_table_1(depth: int) -> None:
    table = facts("resnet")["table1"][0]
    column = table["columns"].index(f"{depth}-layer")
    spec = catalogue.find(f"resnet{depth}")
    assert spec.stem == Stem.parse(table["conv1"] + ";" + table["pool"])
    assert list(spec.stages) == [Stage.parse(table[f"conv{i}_x"][column]) for i in (2, 3, 4, 5)]
    graph = build(spec)
    for stage, size in table["output_size"].items():
        assert [layer.shape for layer in graph.layers if layer.stage == stage][-1][1:] == (size, size)


@pytest.mark.parametrize(
    ("name", "configuration"), [("vgg11", "A"), ("vgg13", "B"), ("vgg16c", "C"), ("vgg16", "D"), ("vgg19", "E")]
)
def test_a_vgg_net_is_its_column_of_table_1(name: str, configuration: str) -> None:
    vgg = facts("vgg")
    spec = catalogue.find(name)
    assert list(spec.stages) == [Stage.parse("; ".join(stage)) for stage in vgg["config"][configuration]]
    assert len(build(spec).weight_layers) == vgg["config"]["weight_layers"][configuration]


@pytest.mark.parametrize("depth", [20, 26, 32, 110, 1202])
def test_a_cifar_net_has_6n_plus_2_layers(depth: int) -> None:
    for unit in ("plain", "resnet"):
        graph = build(catalogue.find(f"cifar-{unit}{depth}"))
        assert len(graph.weight_layers) == depth
        for stage, expected in zip(("conv2_x", "conv3_x", "conv4_x"), facts("resnet")["cifar"]["stages"], strict=True):
            last = [layer for layer in graph.layers if layer.stage == stage][-1]
            assert last.shape == (expected["filters"], expected["size"], expected["size"])


def test_the_cifar_nets_are_those_of_section_4_2() -> None:
    cifar = facts("resnet")["cifar"]
    spec = catalogue.find("cifar-resnet56")
    n = (56 - 2) // 6
    assert spec.stem == Stem.parse(cifar["stem"])
    layers = [{"1+2n": 1 + 2 * n, "2n": 2 * n}[stage["layers"]] for stage in cifar["stages"]]
    # The paper counts the stem among the first stage's layers.
    assert layers == [
        len(block.cells) * block.repeats + (not index) for index, s in enumerate(spec.stages) for block in s.blocks
    ]
    assert {row[0] for row in cifar["rows"]} == set(catalogue.CIFAR_DEPTHS)
    assert set(cifar["plain_depths"]) <= set(catalogue.CIFAR_DEPTHS)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [  # as their authors, or torchvision, publish them
        ("lenet5", 61_706),
        ("alexnet", 62_378_344),
        ("alexnet-2groups", 60_965_224),
        ("vgg11-lrn", 132_863_336),
        ("resnext50-32x4d", 25_028_904),
        ("resnext101-32x4d", 44_177_704),
        ("torchvision-resnext101-64x4d", 83_455_272),
        ("wide-resnet50-2", 68_883_240),
        ("vgg16-bn", 138_365_992),
        ("cifar-wrn28-10", 36_479_194),
        ("cifar-wrn40-4", 8_949_210),
        ("preresnet200", 64_666_152),
    ],
)
def test_the_later_families_have_the_parameters_that_are_published(name: str, parameters: int) -> None:
    assert count(build(catalogue.find(name))).parameters == parameters


def test_lenet_5_has_the_maps_of_its_figure() -> None:
    graph = build(catalogue.find("lenet5"))
    drawn = [layer.shape for layer in graph.layers if layer.op.kind in ("conv", "average pool", "fc")]
    assert drawn == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1), (84,), (10,)]


def test_one_group_of_64_is_a_wider_bottleneck_and_32_of_4_cost_about_the_same() -> None:
    """Xie et al. 2017, table 2: preserved complexity, cardinality 1 to 32."""
    flops = [count(build(catalogue.find(f"resnext50-{shape}"))).flops for shape in ("1x64d", "4x24d", "8x14d", "32x4d")]
    assert flops[0] == count(build(catalogue.find("resnet50").with_options(stride_in="3x3"))).flops
    assert max(flops) / min(flops) < 1.1


@pytest.mark.parametrize("depth", [164, 1001])
def test_identity_mappings_bottlenecks_have_their_depth(depth: int) -> None:
    assert len(build(catalogue.find(f"cifar-preresnet{depth}")).weight_layers) == depth


def test_filters_that_can_not_be_shared_out_are_said_to_be() -> None:
    with pytest.raises(NetError, match="64 input channels can't be divided into 3 groups"):
        build(catalogue.find("resnet18").with_options(stages=["3x3,63,C=3"]))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cifar-wrn27-10", "a depth of 6n\\+4"),
        ("resnext50-0x4d", "1 to 256 groups"),
        ("resnet51", "The net 'resnet51' is not known. Did you mean resnet50"),
        ("zzz", "a name that `resviz nets` lists"),
        ("cifar-resnet21", "Depth 21 is not 6n\\+2. Use 20 or 26"),
        ("cifar-plain14", "6n\\+2 from 20 to 1202"),
        ("cifar-resnet1208", "6n\\+2 from 20 to 1202"),
        ("", "The net '' is not known"),
    ],
)
def test_a_name_that_is_none_is_answered_with_one_that_is(name: str, says: str) -> None:
    with pytest.raises(NetError, match=says):
        catalogue.find(name)


def test_every_name_is_built_under_its_own_name() -> None:
    for name in catalogue.names():
        assert build(catalogue.find(name)).name == name


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("ResNet50", "resnet50"),
        ("resnet-50", "resnet50"),
        ("RESNET_50", "resnet50"),
        ("resnet20", "cifar-resnet20"),
        ("ResNet-56", "cifar-resnet56"),
        ("plain-56", "cifar-plain56"),
        ("wide_resnet50_2", "wide-resnet50-2"),
        ("vgg16_bn", "vgg16-bn"),
        ("VGG-16", "vgg16"),
        ("resnet50d", "resnet50-d"),
        ("GoogLeNet", "googlenet"),
        ("resnext50_32x4d", "resnext50-32x4d"),
        ("MLP5", "mlp5"),
        ("WRN28-10", "cifar-wrn28-10"),
    ],
)
def test_names_are_found_as_people_type_them(typed: str, known: str) -> None:
    assert catalogue.canonical_name(typed) == known
    assert catalogue.find(typed) == catalogue.find(known)


def test_every_name_of_the_catalogue_means_itself() -> None:
    assert [catalogue.canonical_name(name) for name in catalogue.names()] == list(catalogue.names())


@pytest.mark.parametrize(
    "typed", ["resnet51", "resnte50", "vgg15", "vgg17_bn", "resnext51-32x4d", "densenet121", "googlnet"]
)
def test_a_suggestion_is_of_the_same_family(typed: str) -> None:
    with pytest.raises(NetError) as refused:
        catalogue.find(typed)
    text = str(refused.value)
    if "Did you mean" not in text:
        assert "resviz nets" in text
        return
    family = re.match("[a-z]*", typed)
    assert family is not None
    for name in text.partition("Did you mean ")[2].partition("?")[0].split(" or "):
        assert difflib.SequenceMatcher(None, re.match("[a-z]*", name)[0], family[0]).ratio() > 0.75  # type: ignore[index]


@pytest.mark.parametrize("depth", [5, 10, 20, 40, 80])
def test_a_fractal_net_has_the_depth_of_its_name(depth: int) -> None:
    assert count(build(catalogue.find(f"cifar-fractalnet{depth}"))).depth == depth + 1  # and the classifier


@pytest.mark.parametrize("name", ["resnext50-32x0d", "resnext50-0x4d", "resnext50-257x4d", "cifar-fractalnet6"])
def test_a_number_that_no_net_has_is_refused_with_those_that_are_possible(name: str) -> None:
    with pytest.raises(NetError, match=r"Use 1 to 256|Depth 6 does not exist"):
        catalogue.find(name)
