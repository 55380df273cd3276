"""Models of other programs: how long capturing takes, beside one plain forward pass and other tools."""

from __future__ import annotations

import importlib.util
import statistics
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resviz.capturing.passes import Example, capture_model
from tests.benchmarks.timing import Row, median, ms

NAMES = (
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "mobilenet_v3_large",
    "shufflenet_v2_x1_0",
    "resnet50",
    "resnet152",
    "swin_t",
    "vgg16",
    "vit_b_16",
)
GIANT = "vit_h_14"
SIDE = 224


def rows() -> Iterator[Row]:
    """Return the median over some of torchvision's models, and its largest one."""
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        times = {name: _times(name) for name in (*NAMES, GIANT)}
    tools = times[NAMES[0]]
    middle = {tool: statistics.median(times[name][tool] for name in NAMES) for tool in tools}
    yield _row(f"capturing a model of torchvision, median of {len(NAMES)}", middle, 300)
    yield _row(f"capturing {GIANT}, 632 million parameters", times[GIANT], 500)


def _row(what: str, times: dict[str, float], budget: int) -> Row:
    others = [f"{tool} {ms(taken)}" for tool, taken in times.items() if tool != "ours"]
    return Row(what, ms(times["ours"]), ", ".join(others), f"{budget} ms")


def _times(name: str) -> dict[str, float]:
    """Return seconds by tool; all work on the meta device, where no weights are, but for those that can't."""
    with torch.device("meta"):
        model = torchvision.models.get_model(name, weights=None, **_quick(name))
    model.eval()
    image = torch.empty(1, 3, SIDE, SIDE, device="meta")
    tools: dict[str, Callable[[], object]] = {
        "ours": lambda: capture_model(model, Example((image,)), name),
        "a plain forward": partial(_forward, model, image),
        "torch's counter": partial(_counter, model, image),
    }
    tools["torchinfo"] = partial(_torchinfo, model, image)
    times = {tool: median(work, runs=3) for tool, work in tools.items()}
    if name == GIANT:  # the others need its weights
        return times
    real = torchvision.models.get_model(name, weights=None, **_quick(name)).eval()
    return times | {tool: median(work, runs=1) for tool, work in _with_values(real).items()}


def _quick(name: str) -> dict[str, bool]:
    """Return what builds a model without minutes of first weights."""
    return {"init_weights": False} if name == "googlenet" else {}


def _with_values(model: nn.Module) -> dict[str, Callable[[], object]]:
    """Return the tools that need a model's weights. A tool that is not installed is left out."""
    image = torch.rand(1, 3, SIDE, SIDE)
    tools: dict[str, Callable[[], object]] = {"fvcore": partial(_fvcore, model, image)}
    if importlib.util.find_spec("torchlens"):
        import torchlens

        tools["TorchLens"] = lambda: torchlens.trace(model, image)
    if importlib.util.find_spec("torchview"):
        import torchview

        # Last: it leaves the model on the meta device.
        tools["torchview"] = lambda: torchview.draw_graph(
            model, input_data=image, device="meta", expand_nested=True, depth=10
        )
    return tools


def _fvcore(model: nn.Module, image: torch.Tensor) -> None:
    from fvcore.nn import FlopCountAnalysis

    found = FlopCountAnalysis(model, image)
    found.unsupported_ops_warnings(False)
    found.total()


def _forward(model: nn.Module, image: torch.Tensor) -> None:
    with torch.inference_mode():
        model(image)


def _counter(model: nn.Module, image: torch.Tensor) -> None:
    with FlopCounterMode(display=False):
        _forward(model, image)


def _torchinfo(model: nn.Module, image: torch.Tensor) -> None:
    import torchinfo

    torchinfo.summary(model, input_data=image, verbose=0, device="meta")
