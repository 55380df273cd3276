"""Nets of several branches, and those whose parts stand in another order than ResNet's."""

import pytest

from resviz.analysis.counts import count
from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.ops import PadShortcut
from resviz.nets.spec import validate


def net(name: str, **options: object) -> Graph:
    return build(catalogue.find(name).with_options(**options))


def kinds(graph: Graph, block: str) -> list[str]:
    return [layer.op.kind for layer in graph.layers if layer.block == block and not layer.on_shortcut]


@pytest.mark.parametrize(
    ("name", "parameters", "flops"),
    [  # as their authors, torchvision and timm publish them
        ("googlenet", 6_998_552, 1_582_671_872),
        ("torchvision-googlenet", 6_624_904, 1_498_376_192),
        ("torchvision-googlenet-aux", 13_004_888, None),
        ("torchvision-alexnet", 61_100_840, 714_188_480),
        ("resnet50-d", 25_576_264, None),
        ("resnet101-d", 44_568_392, None),
        ("fcn8s-vgg16", 134_489_759, None),
    ],
)
def test_sizes_are_the_published_ones(name: str, parameters: int, flops: int | None) -> None:
    counts = count(net(name))
    assert counts.parameters == parameters
    assert flops in (None, counts.flops)


@pytest.mark.parametrize(("model", "printed"), [("a", 1.90e10), ("b", 2.32e10)])
def test_prelu_nets_complexity_is_table_3s(model: str, printed: float) -> None:
    assert round(count(net(f"prelu-net-{model}")).flops, -8) == pytest.approx(printed, rel=0.006)


@pytest.mark.parametrize(
    ("model", "repeats", "widths"),
    [("a", 5, (256, 512, 512)), ("b", 6, (256, 512, 512)), ("c", 6, (384, 768, 896))],
)
def test_prelu_nets_filters_are_table_3s(model: str, repeats: int, widths: tuple[int, ...]) -> None:
    convolutions = [layer.shape[0] for layer in net(f"prelu-net-{model}").weight_layers if layer.op.kind == "conv"]
    assert convolutions == [96, *(width for width in widths for _ in range(repeats))]


def test_option_as_shortcut_looks_at_one_pixel_in_each_stride() -> None:
    window = PadShortcut(16, 32, 2).window(((16, 8, 8),))
    assert (window.size, window.stride) == ((1, 1), (2, 2))


def test_googlenet_is_22_layers_deep_with_all_its_58() -> None:
    counts = count(net("googlenet-aux"))
    assert (counts.depth, counts.weight_layers) == (22, 58)
    assert counts.layers_text == "58 weight layers, 22 deep"


def test_the_branches_of_a_module_lie_side_by_side_and_end_in_one_map() -> None:
    graph = net("googlenet")
    module = [layer for layer in graph.layers if layer.block == "inception3a"]
    assert [layer.branch for layer in module if layer.op.weighted] == [1, 2, 2, 3, 3, 4]
    assert graph["inception3a.concat"].shape == (256, 28, 28)
    assert graph["inception3a.concat"].inputs[0] == "inception3a.branch1.relu"


def test_an_auxiliary_classifier_stands_on_4a_and_4d_and_is_no_depth() -> None:
    graph = net("googlenet-aux")
    assert [graph[f"aux{number}.pool"].inputs for number in (1, 2)] == [
        ("inception4a.concat",),
        ("inception4d.concat",),
    ]
    assert [layer.name for layer in graph.outputs] == ["fc", "aux1.fc2", "aux2.fc2"]
    assert not any(layer.name.startswith("aux") for layer in graph.weight_layers)


def test_any_net_can_have_auxiliary_classifiers_and_inception_modules_in_its_table() -> None:
    spec = validate(
        {
            "input": "3x32x32",
            "stem": "3x3,16",
            "stages": ["[3x3,16] x2; aux; [1x1,8 | 1x1,4; 3x3,8]; 2x2 max pool,/2", "[3x3,32] x1"],
            "unit": "plain",
            "shrink": "none",
        }
    )
    graph = build(spec)
    assert len(graph.outputs) == 2
    assert graph["layer2.0.conv1"].inputs == ("maxpool1",)


@pytest.mark.parametrize("options", [{"unit": "residual"}, {"shrink": "stride"}])
def test_a_block_of_branches_in_a_net_that_can_have_none_is_said(options: dict[str, str]) -> None:
    stages = ["[3x3,8] x1", "[1x1,8 | 3x3,8] x1"]
    with pytest.raises(NetError, match="needs a plain net that shrinks by pools"):
        build(validate({"input": "3x32x32", "stages": stages, "unit": "plain"} | options))


def test_branches_of_different_sizes_are_said() -> None:
    with pytest.raises(NetError, match="branches must end in maps of one size, not 8×32×32, 8×31×31"):
        build(validate({"input": "8x32x32", "stages": ["[1x1,8 | 2x2 max pool]"], "unit": "plain", "shrink": "none"}))


@pytest.mark.parametrize(
    ("name", "order"),
    [  # "Identity Mappings", figure 4a to 4e
        ("cifar-resnet20", ["conv", "batch norm", "relu", "conv", "batch norm", "add", "relu"]),
        ("cifar-resnet20-bn-after-add", ["conv", "batch norm", "relu", "conv", "add", "batch norm", "relu"]),
        ("cifar-resnet20-relu-before-add", ["conv", "batch norm", "relu", "conv", "batch norm", "relu", "add"]),
        ("cifar-resnet20-relu-only", ["relu", "conv", "batch norm", "relu", "conv", "batch norm", "add"]),
        ("cifar-preresnet20", ["batch norm", "relu", "conv", "batch norm", "relu", "conv", "add"]),
    ],
)
def test_the_placements_are_figure_4s(name: str, order: list[str]) -> None:
    assert kinds(net(name), "layer1.1") == order


def test_resnet_d_strides_its_shortcut_by_an_average_pool_and_its_block_in_the_3x3() -> None:
    graph = net("resnet50-d")
    assert graph["layer2.0.downsample.0"].op.label() == "2×2 average pool, /2"
    assert graph["layer2.0.downsample.1"].op.label() == "1×1 conv, 512"
    assert graph["layer2.0.conv2"].op.label().endswith("/2")
    assert graph["layer1.0.downsample.0"].op.kind == "conv", "where nothing strides there is nothing to pool"
    odd = net("resnet50-d", input="3x225x225")
    assert odd["layer3.0.add"].shape[1:] == odd["layer3.0.conv2"].shape[1:]


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_a_fractals_longest_column_has_2_to_the_c_minus_1_convolutions_and_its_shortest_one(columns: int) -> None:
    graph = net("cifar-fractalnet20", columns=columns)
    block = [layer for layer in graph.layers if layer.block == "layer1.0" and layer.op.weighted]
    numbers = [sum(layer.branch == column for layer in block) for column in range(1, columns + 1)]
    assert numbers == [2 ** (column - 1) for column in range(1, columns + 1)]
    assert graph.depth == 5 * 2 ** (columns - 1) + 1


def test_a_fully_connected_highway_gates_where_it_keeps_its_width() -> None:
    graph = net("highway-mlp10")
    assert graph["classifier.0"].op.kind == "fc"
    assert [layer.op.kind for layer in graph.layers].count("highway sum") == 8
    assert graph["classifier.2.gate1"].op.first_bias == -2.0  # type: ignore[attr-defined]
    assert len(graph.weight_layers) == 10


@pytest.mark.parametrize("stride", [32, 16, 8])
def test_a_fully_convolutional_nets_scores_are_as_large_as_its_image(stride: int) -> None:
    graph = net(f"fcn{stride}s-resnet101")
    assert graph.output.shape == (21, 512, 512)
    fused = [layer.name for layer in graph.layers if layer.op.kind == "fuse"]
    assert fused == ["fuse_conv4_x", "fuse_conv3_x"][: {32: 0, 16: 1, 8: 2}[stride]]
    odd = net(f"fcn{stride}s-resnet101", input="3x65x97")
    assert odd.output.shape == (21, 65, 97), "and cropped where the strides rounded up"


def test_the_skips_of_vgg_are_its_pools() -> None:
    assert net("fcn8s-vgg16")["score_conv4_x"].inputs == ("features.23",)


@pytest.mark.parametrize("head", ["FCN-4s", "Faster R-CNN"])
def test_auxiliary_classifiers_in_a_net_that_answers_at_places_are_refused(head: str) -> None:
    with pytest.raises(NetError, match="can't be combined with"):
        net("cifar-resnet20", stages=["[3x3,16] x1; aux", "[3x3,32] x1", "[3x3,64] x1"], head=head)


def test_a_stride_that_the_net_has_not_is_said() -> None:
    with pytest.raises(NetError, match="4 times smaller than its image. Use FCN-4s"):
        net("cifar-resnet20", head="FCN-8s")
