"""Other people's models as a graph: every call is there, with the parameters and multiply-adds that torch counts."""

import math
from typing import Any

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from resviz.analysis.counts import count
from resviz.analysis.explanation import explain_layer
from resviz.analysis.receptive_field import receptive_fields, unknown_fields
from resviz.capturing import recording
from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.known_ops import words
from resviz.capturing.passes import Example, capture_model
from resviz.nets import catalogue, ops
from resviz.nets.build import build
from resviz.nets.ops.recorded import Recorded
from resviz.training.modules import MODULES
from tests.helpers import strangers

IMAGE = (1, 3, 224, 224)


def captured(model: nn.Module, *args: Any, **kwargs: Any) -> CapturedNet:
    return capture_model(model, Example(args, kwargs), "net")


def torchs_count(model: nn.Module, *args: Any, **kwargs: Any) -> int:
    """Multiply-adds as torch counts them, on the operators that all others are made of."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    model.eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(*args, **kwargs)
    torch.backends.mha.set_fastpath_enabled(fast)
    return counter.get_total_flops() // 2


def on_meta(name: str) -> nn.Module:
    with torch.device("meta"):
        return torchvision.models.get_model(name, weights=None)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("resnet50", IMAGE),
        ("vgg11", IMAGE),
        ("densenet121", IMAGE),
        ("efficientnet_b0", IMAGE),
        ("mobilenet_v3_small", IMAGE),
        ("shufflenet_v2_x0_5", IMAGE),
        ("vit_b_16", IMAGE),
        ("swin_v2_t", IMAGE),
        ("convnext_tiny", IMAGE),
        ("r3d_18", (1, 3, 8, 112, 112)),
    ],
)
def test_torchvisions_nets_have_the_parameters_and_multiply_adds_that_torch_counts(
    name: str, shape: tuple[int, ...]
) -> None:
    model, images = on_meta(name), torch.empty(shape, device="meta")
    net = captured(model, images)
    counts = count(net.graph)
    assert net.problem == ""
    assert net.way == "meta", "no memory is needed"
    assert counts.parameters == sum(tensor.numel() for tensor in model.parameters())
    assert counts.flops == torchs_count(model, images)
    assert net.unused == ()


def test_torchvisions_resnet_50_is_ours_layer_by_layer() -> None:
    theirs, ours = (
        captured(on_meta("resnet50"), torch.empty(IMAGE)).graph,
        build(catalogue.find("torchvision-resnet50")),
    )
    assert [layer.name for layer in theirs.weight_layers] == [layer.name for layer in ours.weight_layers]
    assert theirs.depth == 50
    fields = receptive_fields(theirs), receptive_fields(ours)
    for layer in ours.weight_layers:
        assert theirs[layer.name].op == layer.op
        assert theirs[layer.name].shape == layer.shape
        assert fields[0][layer.name] == fields[1][layer.name]
    assert unknown_fields(theirs) == {}
    assert [block.source for block in theirs.residual_blocks][1] == "layer1.0.relu:3"
    assert all(len(block.shortcut) for block in theirs.residual_blocks)
    assert sum(layer.on_shortcut for layer in theirs.layers) == sum(layer.on_shortcut for layer in ours.layers)


def test_a_detector_that_looks_at_values_is_run_with_real_ones() -> None:
    model = torchvision.models.get_model("ssdlite320_mobilenet_v3_large", weights=None, weights_backbone=None)
    net = captured(model, [torch.rand(3, 96, 96)])
    assert net.way == "real"
    assert net.problem == ""
    assert count(net.graph).parameters == sum(tensor.numel() for tensor in model.parameters())


def test_a_model_that_looks_at_values_takes_the_way_of_this_input() -> None:
    model = strangers.LooksAtValues()
    net = captured(model, torch.rand(1, 4, 8, 8))
    assert (net.way, net.problem) == ("real", "")
    assert [layer.name for layer in net.graph.layers if layer.op.kind == "conv"] == ["body.0", "body.1"]
    assert net.unused == (("body.2.weight", 144), ("body.2.bias", 4))
    assert count(net.graph).parameters + net.unused_parameters == sum(p.numel() for p in model.parameters())


def test_a_shared_weight_counts_once_and_a_second_call_is_named() -> None:
    net = captured(strangers.SharesAndRepeats(), torch.zeros(1, 7, dtype=torch.int64))
    names = [layer.name for layer in net.graph.layers]
    assert names == ["input", "words", "twice", "tanh", "twice:2", "out"]
    graph = net.graph
    assert graph.parameters(graph["words"]) == 120
    assert graph.parameters(graph["twice"]) == 42
    assert graph.parameters(graph["twice:2"]) == graph.parameters(graph["out"]) == 0
    assert graph.multiply_adds(graph["twice"]) == graph.multiply_adds(graph["twice:2"]) == 7 * 6 * 6
    assert net.unused == (("never.weight", 9), ("never.bias", 3))


def test_tensors_in_dicts_keywords_and_dataclasses_are_inputs_and_outputs() -> None:
    net = captured(strangers.GivesADataclass(), {"x": torch.rand(1, 5)}, scale=torch.rand(1, 8))
    assert [layer.name for layer in net.graph.layers if layer.op.kind == "input"] == ["input", "scale"]
    assert net.graph.output.name == "last"
    assert "scale" in net.graph["mul"].inputs


def test_what_is_written_in_place_is_read_by_who_reads_the_whole() -> None:
    graph = captured(strangers.WritesInPlace(), torch.rand(1, 2, 3, 3)).graph
    (writer,) = graph["fc"].inputs
    assert "mean" in graph[writer].inputs


def test_an_lstm_is_one_layer_with_its_sum() -> None:
    model, x = strangers.Recurrent(), torch.rand(1, 5, 6)
    graph = captured(model, x).graph
    lstm = graph["lstm"]
    assert graph.multiply_adds(lstm) == 5 * 4 * (10 * (6 + 10) + 10 * (10 + 10))
    assert graph.parameters(lstm) == sum(tensor.numel() for tensor in model.lstm.parameters())
    assert lstm.op.label() == "LSTM, 10, 2 layers"
    assert count(graph).flops - graph.multiply_adds(lstm) == torchs_count(model, x), "it has no rule for an LSTM"


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("both", [False, True])
def test_a_recurrence_multiplies_each_of_its_matrices_at_each_step(kind: Any, both: bool) -> None:
    model = nn.Sequential(kind(6, 10, num_layers=2, bidirectional=both))
    matrices = sum(tensor.numel() for name, tensor in model.named_parameters() if "weight" in name)
    assert count(captured(model, torch.rand(7, 1, 6)).graph).flops == 7 * matrices


def test_attention_is_counted_as_torch_does_however_it_is_written() -> None:
    model, x = strangers.Attends(), torch.rand(1, 5, 8)
    net = captured(model, x)
    counts = count(net.graph)
    assert counts.flops == 5 * 8 * 24 + 2 * 5 * 5 * 8 + 4 * 5 * 8 * 8 + 2 * 5 * 5 * 8
    assert counts.parameters == sum(tensor.numel() for tensor in model.parameters())
    kinds = [layer.op.kind for layer in net.graph.layers]
    assert "einsum" in kinds
    assert "bmm" in kinds, "torch's own, in parts as it gives its weights too"


OWN: list[tuple[nn.Module, tuple[Any, ...]]] = [
    (strangers.LooksAtValues(), (torch.rand(1, 4, 8, 8),)),
    (strangers.SharesAndRepeats(), (torch.zeros(1, 7, dtype=torch.int64),)),
    (strangers.GivesADataclass(), ({"x": torch.rand(1, 5)}, {"scale": torch.rand(1, 8)})),
    (strangers.WritesInPlace(), (torch.rand(1, 2, 3, 3),)),
    (strangers.Attends(), (torch.rand(1, 5, 8),)),
    (strangers.KeepsACache(), (torch.rand(1, 4),)),
    (strangers.CifarResNet(), (torch.rand(1, 3, 32, 32),)),
    (strangers.SpellsItOut(), (torch.rand(1, 4, 12, 12),)),
    (strangers.UNet(), (torch.rand(1, 1, 8, 8),)),
    (strangers.TwoTowers(), (torch.rand(1, 3, 8, 8), torch.rand(1, 3, 9, 9))),
    (strangers.UntilItSettles(), (torch.rand(1, 4),)),
    (strangers.OnAGraph(), (torch.rand(6, 5), torch.randint(6, (2, 9)))),
]


@pytest.mark.parametrize(("model", "given"), OWN, ids=lambda one: type(one).__name__)
def test_own_models_have_all_parameters_and_the_multiply_adds_that_torch_counts(
    model: nn.Module, given: tuple[Any, ...]
) -> None:
    named = given[-1] if isinstance(given[-1], dict) and "scale" in given[-1] else {}
    args = given[:-1] if named else given
    net = captured(model, *args, **named)
    counts = count(net.graph)
    assert net.problem == ""
    assert counts.parameters + net.unused_parameters == sum(tensor.numel() for tensor in model.parameters())
    assert counts.flops == torchs_count(model, *args, **named)


def test_functions_with_weights_are_the_layers_that_they_are() -> None:
    graph = captured(strangers.SpellsItOut(), torch.rand(1, 4, 12, 12)).graph
    first, pool, wide = graph["conv2d"], graph["max_pool2d"], graph["conv2d_2"]
    assert first.op == ops.Conv2d(4, 8, 3, 2, 1, groups=2, bias=True)
    assert pool.op == ops.MaxPool2d(2, 2)
    assert isinstance(wide.op, Recorded), "its kernel is no square"
    assert wide.op.weighted
    assert graph["linear"].op == ops.Linear(4, 3, bias=False)


@given(
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    side=st.integers(4, 9),
    ceil=st.booleans(),
    mean=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_pool_is_the_same_layer_as_a_function_and_as_a_module(
    kernel: int, stride: int, padding: int, side: int, ceil: bool, mean: bool
) -> None:
    padding = min(padding, kernel // 2)
    module: Any = (nn.AvgPool2d if mean else nn.MaxPool2d)(kernel, stride, padding, ceil_mode=ceil)
    function: Any = functional.avg_pool2d if mean else functional.max_pool2d
    called = strangers.Lambda(lambda x: function(x, kernel, stride, padding, ceil_mode=ceil))
    x = torch.rand(1, 2, side, side)
    ours, theirs = captured(called, x).graph.output, captured(nn.Sequential(module), x).graph.output
    assert ours.shape == theirs.shape
    whole = mean and kernel == side and padding == 0
    assert ours.op == (ops.AdaptiveAvgPool2d() if whole else theirs.op)


def test_option_a_is_one_layer_wherever_its_zeros_are() -> None:
    graph = captured(strangers.CifarResNet(), torch.rand(1, 3, 32, 32)).graph
    shortcuts = [layer for layer in graph.layers if layer.op.kind == "pad shortcut"]
    assert [layer.op for layer in shortcuts] == [ops.PadShortcut(16, 32, 2, 8), ops.PadShortcut(32, 64, 2, 16)]
    assert all(layer.on_shortcut for layer in shortcuts)
    assert not [layer for layer in graph.layers if isinstance(layer.op, Recorded)]
    x = torch.rand(1, 16, 8, 8)
    theirs = strangers.CifarBlock(16, 32, 2, 0.5).shortcut
    assert torch.equal(MODULES[ops.PadShortcut](ops.PadShortcut(16, 32, 2, 8))(x), theirs(x))


@pytest.mark.parametrize(
    "pads",
    [
        lambda x: functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2), value=1.0),
        lambda x: functional.pad(x[:, :, ::2, ::2], (0, 0, 1, 0, 2, 2)),
        lambda x: functional.pad(x[:, :, ::2, ::3], (0, 0, 0, 0, 2, 2)),
        lambda x: functional.pad(x[:, :, 1::2, ::2], (0, 0, 0, 0, 2, 2)),
    ],
)
def test_what_only_looks_like_option_a_is_drawn_as_it_is(pads: Any) -> None:
    graph = captured(strangers.Lambda(pads), torch.rand(1, 4, 9, 9)).graph
    assert isinstance(graph.output.op, Recorded)


def test_a_forward_that_raises_is_shown_as_far_as_it_came() -> None:
    net = captured(strangers.Raises(), torch.rand(1, 4))
    assert [layer.name for layer in net.graph.layers] == ["input", "a", "relu", "b"]
    assert "strangers.py:" in net.problem
    assert "(1x5 and 6x2)" in net.problem
    assert "\n" not in net.problem


def test_a_model_is_left_as_it_was() -> None:
    model = strangers.KeepsACache().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    captured(model, torch.rand(1, 4))
    torch.manual_seed(3)
    captured(model, torch.ones(1, 4))
    assert torch.equal(torch.rand(2), expected), "no random number was drawn"
    assert model.training
    assert model.norm.training
    assert model.cache is None
    assert model.calls == 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not torch.nn.modules.module._global_forward_hooks
    model(torch.rand(2, 4, requires_grad=True)).sum().backward()  # no tensor of inference mode is left in it


def test_a_compiled_model_is_taken_for_the_one_that_it_was_made_from() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    net = captured(torch.compile(model, backend="eager"), torch.rand(1, 3))  # type: ignore[arg-type]
    assert [layer.name for layer in net.graph.layers] == ["input", "0", "1"]


def test_a_forward_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_CALLS", 500)
    net = captured(strangers.NeverEnds(), torch.rand(1))
    assert "more than 500 calls" in net.problem


def test_every_call_says_where_it_was_made() -> None:
    graph = captured(strangers.Attends(), torch.rand(1, 5, 8)).graph
    sources = {layer.op.source for layer in graph.layers if isinstance(layer.op, Recorded)}
    assert all(source.startswith("strangers.py:") for source in sources)


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[nn.Module, Tensor]:
    """A convolution of any kind that torch has, and an input that it takes."""
    groups = draw(st.integers(1, 3))
    inputs, outputs = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    dimensions = draw(st.integers(1, 3))
    numbers = st.tuples(*(st.integers(1, 3) for _ in range(dimensions)))
    transposed = draw(st.booleans())
    kind: Any = getattr(nn, f"Conv{'Transpose' if transposed else ''}{dimensions}d")
    layer = kind(
        inputs,
        outputs,
        draw(numbers),
        stride=draw(numbers),
        padding=draw(st.integers(0, 1)),
        dilation=draw(st.integers(1, 2)),
        groups=groups,
        bias=draw(st.booleans()),
    )
    return layer, torch.rand(1, inputs, *(draw(st.integers(6, 9)) for _ in range(dimensions)))


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_any_convolution_costs_what_torch_counts(drawn: tuple[nn.Module, Tensor]) -> None:
    layer, x = drawn
    net = captured(nn.Sequential(layer), x)
    (conv,) = net.graph.layers[1:]
    assert net.graph.multiply_adds(conv) == torchs_count(nn.Sequential(layer), x)
    assert net.graph.parameters(conv) == sum(tensor.numel() for tensor in layer.parameters())
    assert conv.shape == tuple(layer(x).shape[1:])
    terms = conv.op.multiply_add_terms(conv.shape)
    assert sum(math.prod(value for value, _name in term.factors) for term in terms) == net.graph.multiply_adds(conv)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), max_size=2), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_any_product_of_matrices_costs_what_torch_counts(
    stack: list[int], rows: int, inner: int, columns: int, linear: bool
) -> None:
    class Product(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return nn.functional.linear(a, b.mT) if linear else a @ b

    b = torch.rand(inner, columns) if linear else torch.rand(*stack, inner, columns)
    a = torch.rand(*stack, rows, inner)
    assert count(captured(Product(), a, b).graph).flops == torchs_count(Product(), a, b)


def test_known_modules_are_ops_of_ours_only_if_they_cost_the_same() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, dilation=2),
        nn.Conv2d(4, 4, (1, 3)),
        nn.Conv2d(4, 4, 3, padding="same"),
        nn.BatchNorm2d(4),
        nn.PReLU(4),
        nn.AvgPool2d(2, count_include_pad=False),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 2),
    )
    layers = captured(model, torch.rand(1, 3, 20, 20)).graph.layers[1:]
    assert [type(layer.op) for layer in layers] == [
        Recorded,
        Recorded,
        Recorded,
        ops.BatchNorm2d,
        ops.PReLU,
        Recorded,
        ops.AdaptiveAvgPool2d,
        ops.Flatten,
        ops.Linear,
    ]
    assert layers[0].op.label() == "3×3 conv, 4, dilation 2"


@pytest.mark.parametrize(
    ("name", "said"),
    [("LayerNorm", "layer norm"), ("GELU", "gelu"), ("ReLU6", "relu6"), ("SiLU", "silu"), ("LSTMCell", "lstm cell")],
)
def test_the_names_of_classes_are_words(name: str, said: str) -> None:
    assert words(name) == said


def test_a_window_that_is_no_square_is_explained_side_by_side() -> None:
    graph = captured(nn.Sequential(nn.Conv2d(4, 4, (3, 1), stride=(2, 1))), torch.rand(1, 4, 17, 17)).graph
    lines = explain_layer(graph, graph["0"], "output").lines
    assert [(line.what, line.value) for line in lines] == [("height", "8"), ("width", "17")]
