"""A depth table becomes the network that the paper describes."""

import pytest

from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import MAX_WEIGHT_LAYERS, build
from resviz.nets.graph import Graph
from resviz.nets.ops import Conv2d
from resviz.nets.spec import validate


def _net(name: str, **options: object) -> Graph:
    return build(catalogue.find(name).with_options(**options))


def _names(graph: Graph, kind: str) -> list[str]:
    return [layer.name for layer in graph.layers if layer.op.kind == kind]


def test_option_a_pads_where_dimensions_grow_and_learns_nothing() -> None:
    graph = _net("resnet34")
    assert _names(graph, "pad shortcut") == ["layer2.0.shortcut", "layer3.0.shortcut", "layer4.0.shortcut"]
    assert not any("downsample" in layer.name for layer in graph.layers)


def test_option_b_projects_where_dimensions_grow() -> None:
    projections = [name for name in _names(_net("resnet34", shortcut="B"), "conv") if "downsample" in name]
    assert projections == ["layer2.0.downsample.0", "layer3.0.downsample.0", "layer4.0.downsample.0"]


def test_option_c_projects_every_shortcut() -> None:
    projections = [name for name in _names(_net("resnet34", shortcut="C"), "conv") if "downsample" in name]
    assert len(projections) == 16


def test_a_bottleneck_strides_where_it_is_told() -> None:
    paper, torchvision = _net("resnet50"), _net("resnet50", stride_in="3x3")
    assert [paper[f"layer2.0.conv{i}"].op.stride for i in (1, 2, 3)] == [2, 1, 1]  # type: ignore[attr-defined]
    assert [torchvision[f"layer2.0.conv{i}"].op.stride for i in (1, 2, 3)] == [1, 2, 1]  # type: ignore[attr-defined]


def test_a_plain_net_is_the_residual_net_without_its_shortcuts() -> None:
    plain, residual = _net("plain34"), _net("resnet34")
    left_out = [layer.name for layer in residual.layers if layer.name not in plain]
    assert {residual[name].op.kind for name in left_out} == {"add", "pad shortcut"}


def test_a_projection_is_not_counted_as_depth() -> None:
    assert len(_net("resnet152", shortcut="C").weight_layers) == 152


def test_without_normalisation_a_response_is_the_convolution_itself() -> None:
    assert _net("resnet18", norm="none").response_layer(_net("resnet18")["conv1"]).name == "conv1"
    graph = _net("resnet18")
    assert graph.response_layer(graph["layer1.0.conv2"]).name == "layer1.0.bn2"
    assert graph.response_layer(graph["fc"]).name == "fc"


def test_stages_have_the_papers_names_and_output_sizes() -> None:
    graph = _net("resnet50")
    sizes = {layer.stage: layer.shape[1] for layer in graph.layers if len(layer.shape) == 3 and layer.stage != "fc"}
    assert sizes == {"": 224, "conv1": 112, "conv2_x": 56, "conv3_x": 28, "conv4_x": 14, "conv5_x": 7}


def test_layers_come_after_what_they_read() -> None:
    for name in ("resnet50", "vgg16", "cifar-resnet56"):
        seen: set[str] = set()
        for layer in _net(name).layers:
            assert set(layer.inputs) <= seen
            seen.add(layer.name)


def test_a_graph_is_built_equal_twice_and_cannot_be_changed() -> None:
    assert _net("resnet50") == _net("resnet50")
    with pytest.raises(AttributeError):
        _net("resnet18").name = "other"  # type: ignore[misc]


def test_too_small_an_input_is_answered_with_the_smallest_that_would_do() -> None:
    with pytest.raises(NetError, match="vgg16 at 3×8×8: conv4_x, .* The smallest input for this net is 3×32×32"):
        _net("vgg16", input="3x8x8")
    assert len(_net("vgg16", input="3x32x32").weight_layers) == 16
    with pytest.raises(NetError):
        _net("vgg16", input="3x31x32")


def test_option_a_that_would_drop_channels_names_the_place_and_option_b() -> None:
    stages = ["[3x3,64; 3x3,64] x1", "[3x3,32; 3x3,32] x1"]
    with pytest.raises(NetError, match=r"conv2_x, layer2.0.shortcut: .*64 channels to 32. Use option B"):
        build(validate({"name": "shrinking", "stages": stages}))
    assert build(validate({"stages": stages, "shortcut": "B"})).output.shape == (1000,)


def test_a_table_of_too_many_layers_is_refused() -> None:
    stages = ["[" + "; ".join(["3x3,8"] * 60) + "] x2000"]
    with pytest.raises(NetError, match=f"120000 convolutions. At most {MAX_WEIGHT_LAYERS} are possible"):
        build(validate({"stages": stages}))


def test_a_map_that_is_too_small_is_named_by_height_and_width() -> None:
    with pytest.raises(NetError, match="the 9×3 map is smaller than the 7×7 window of conv"):
        Conv2d(1, 8, 7).output_shape(((1, 9, 3),))
