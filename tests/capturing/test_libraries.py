"""timm's and Hugging Face's models, where these libraries are installed (extra `models`): every parameter is found.

A few architectures are drawn in the test suite. RESVIZ_TIMM=120 draws so many.
"""

import os
import random

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from resviz.analysis.counts import count
from resviz.capturing.building import capture_source, make_example
from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.model_source import ModelSource

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
DRAWN = int(os.environ.get("RESVIZ_TIMM", "6"))
TYPES = (
    "albert",
    "bert",
    "convnext",
    "deit",
    "distilbert",
    "gpt2",
    "llama",
    "resnet",
    "roberta",
    "t5",
    "vit",
    "whisper",
)


def holds_all_parameters(net: CapturedNet, parameters: int) -> bool:
    return count(net.graph).parameters + net.unused_parameters == parameters


def test_a_sample_of_timms_architectures_is_captured_with_what_torch_counts() -> None:
    timm = pytest.importorskip("timm")
    names = sorted(timm.list_models())
    random.Random(0).shuffle(names)
    for name in names[:DRAWN]:
        source = ModelSource("timm", name)
        net = capture_source(source)
        assert net.problem == "", name
        model = timm.create_model(name, pretrained=False).eval().requires_grad_(False)
        assert holds_all_parameters(net, sum(tensor.numel() for tensor in model.parameters())), name
        if net.way != "meta":
            continue
        inputs = [tensor.to("meta") for tensor in make_example(source, model).args]
        with FlopCounterMode(display=False) as counter, torch.inference_mode():
            model.to("meta")(*inputs)
        assert count(net.graph).flops == counter.get_total_flops() // 2, name


@pytest.mark.parametrize("kind", TYPES)
def test_types_of_hugging_face_are_captured_without_weights(kind: str) -> None:
    transformers = pytest.importorskip("transformers")
    net = capture_source(ModelSource("hf", kind))
    assert net.problem == ""
    assert net.way in ("meta", "fake"), "no values are needed"
    with torch.device("meta"):
        model = transformers.AutoModel.from_config(transformers.AutoConfig.for_model(kind))
    assert holds_all_parameters(net, sum(tensor.numel() for tensor in model.parameters()))
    assert count(net.graph).flops > 0
