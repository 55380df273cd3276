"""What `import resviz` offers: nets of ours and of other programs as graphs, and what they cost.

    import resviz

    graph = resviz.capture(model, (3, 224, 224))
    resviz.count(graph).flops
    resviz.explore(model, (3, 224, 224))

Everything is loaded when it is first used: `import resviz` loads no torch.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from resviz.analysis.counts import Counts
from resviz.analysis.counts import count as count_graph
from resviz.analysis.recognition import Recognition
from resviz.analysis.recognition import recognise as recognise_graph
from resviz.analysis.svg_picture import svg_picture
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets import catalogue, html_summary
from resviz.nets.build import build as build_graph
from resviz.nets.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from torch import nn
    from torch.amp import GradScaler
    from torch.optim import Optimizer

    from resviz.capturing.captured_net import CapturedNet
    from resviz.experiments.mirror import ScalarWriter
    from resviz.experiments.watch import Watch
    from resviz.runs.records import RunAlert


html_summary.picture_of = partial(svg_picture, scale=0.7)


class UnusedParameters(UserWarning):
    """A captured model has parameters that its forward pass did not read. They are in no layer of the graph."""


def build(name: str, **options: Any) -> Graph:
    """Return a net of the catalogue as a graph.

    Args:
        name: Such as "resnet50" or "cifar-plain56"; `resviz nets` lists all.
        options: What differs from it, such as `shortcut="C"` or `input=(3, 64, 64)`.

    Raises:
        NetError: There is no such net, or an option does not fit.
    """
    spec = catalogue.find(catalogue.canonical_name(name))
    return build_graph(spec.with_options(**options) if options else spec)


def capture(model: nn.Module | str, *inputs: Any, **named: Any) -> Graph:
    """Return one run of any PyTorch model as a graph.

    The model runs once in eval mode, without memory for its weights where that works, and is left as it was.

    Args:
        model: The model; or where it is from, as `resviz show` takes it: "torchvision:resnet50", "mymodel.py:Net",
            "model.onnx". Such a model is built and run in a process of its own.
        inputs: What the model is called with: tensors, or shapes without the batch, such as (3, 224, 224). For a name
            only shapes; without any, what the library or the first layer says.
        named: Keyword arguments of the call.

    Raises:
        NetError: The model can't be built, or its forward pass raises: the message has the line of code.
    """
    net = _captured(model, inputs, named)
    if net.problem:
        raise NetError(net.problem)
    if net.unused:
        warnings.warn(net.unused_text, UnusedParameters, stacklevel=2)
    return net.graph


def explore(model: nn.Module | Graph | str, *inputs: Any, **named: Any) -> Explorer:
    """Open the window on a model, in a process of its own. The caller goes on, and may end before the window.

    Args:
        model: As in `capture`, or a graph. Of a model whose forward pass raises, the window shows what was run.
        inputs: As in `capture`.
        named: As in `capture`.

    Raises:
        NetError: The model can't be built, or the graph can't be written for the window.
    """
    if isinstance(model, Graph):
        from resviz.capturing.captured_net import CapturedNet

        net = CapturedNet(model, model.name, "file")
    else:
        net = _captured(model, inputs, named)
    from resviz.capturing.graph_files import cache_folder, keep_graph

    path = keep_graph(net)
    if path is None:
        raise NetError(_("{folder} can't be written to. Set RESVIZ_CACHE to another.").format(folder=cache_folder()))
    return Explorer(
        subprocess.Popen([sys.executable, "-m", "resviz", str(path)], stdin=subprocess.DEVNULL, start_new_session=True)
    )


def watch(
    model: nn.Module,
    folder: str | Path | None = None,
    *,
    optimizer: Optimizer | Sequence[Optimizer] | None = None,
    scaler: GradScaler | None = None,
    title: str = "",
    recipe: Mapping[str, Any] | None = None,
    group: str = "",
    responses: bool = True,
    clipped: bool = False,
    every: int = 1,
    also: ScalarWriter | None = None,
    on_alert: Callable[[RunAlert], None] | None = None,
    strict: bool = False,
) -> Watch:
    """Measure a model, layer by layer, in your own training loop, and write what is measured as a run.

    Call `watch.step(loss)` between `loss.backward()` and the optimizer's step, and `watch.close()` at the end. It is
    also a context manager, and a decorator of a function that makes a training step.

    Args:
        model: The model that is trained.
        folder: Where runs are saved; RESVIZ_RUNS, or the folder of the window, by default.
        optimizer: With it the update ratio is taken right behind each of its steps, and the learning rate is kept.
            Of several, that is behind the last one, and the learning rate is that of the first.
        scaler: Of automatic mixed precision: gradients are divided by its scale.
        title: What the run is called in lists and plots.
        recipe: Settings that are kept with the run: short texts, numbers and lists of them.
        group: Runs of one experiment share it.
        responses: Whether responses and their gradients are measured, by hooks, or the weights alone.
        clipped: Whether the gradients that the optimizer is given are measured too, after clipping.
        every: Measure one step in so many.
        also: A logger with `add_scalar`, such as TensorBoard's SummaryWriter, that gets the same numbers.
        on_alert: Called when something looks wrong, with a `RunAlert`: it has `kind`, `step`, `layers` and `text`.
            The warning comes too.
        strict: Raise what goes wrong. Otherwise it is a `WatchWarning`, once, and the training continues.
    """
    from torch import nn as modules

    from resviz.experiments.watch import Watch

    if not isinstance(model, modules.Module):
        raise TypeError(
            _("resviz.watch takes the model that is trained, a torch.nn.Module, and not {type}.").format(
                type=type(model).__name__
            )
        )
    return Watch(
        model,
        folder,
        optimizer=optimizer,
        scaler=scaler,
        title=title,
        recipe=recipe,
        group=group,
        responses=responses,
        clipped=clipped,
        every=every,
        also=also,
        on_alert=on_alert,
        strict=strict,
    )


def recognise(model: nn.Module | Graph | str, *inputs: Any, **named: Any) -> Recognition:
    """Return the depth table of a model that is a ResNet, a VGG or a plain net, whatever its modules are called.

    Args:
        model: As in `capture`, or a graph.
        inputs: As in `capture`.
        named: As in `capture`.

    Returns:
        `spec` is the table, None if the model has none; then `reason` says why. `names` has for each layer its name in
        the table's net, for weights that are to be loaded there.

    Raises:
        NetError: As `capture` does.
    """
    return recognise_graph(model if isinstance(model, Graph) else capture(model, *inputs, **named))


class Explorer:
    """A window that `explore` has opened."""

    def __init__(self, process: subprocess.Popen[Any]) -> None:
        self.process = process

    def wait(self) -> None:
        """Wait until the window is closed."""
        self.process.wait()

    def close(self) -> None:
        """Close the window."""
        self.process.terminate()
        self.process.wait()

    @override
    def __repr__(self) -> str:
        """Say whether the window is open."""
        return "<Explorer: closed>" if self.process.poll() is not None else "<Explorer: open>"


def count(net: Graph | nn.Module | str, *inputs: Any, **named: Any) -> Counts:
    """Return what a net costs: parameters, multiply-adds and activations, by layer and in all.

    Args:
        net: A graph, a model, or a name as `build` or `capture` takes it.
        inputs: As in `capture`; of a net of the catalogue, its input's shape.
        named: As in `capture`; of a net of the catalogue, its options.

    Raises:
        NetError: As `build` and `capture` do.
    """
    if isinstance(net, Graph):
        return count_graph(net)
    if isinstance(net, str) and _source(net, ()) is None:
        return count_graph(build(net, input=inputs[0]) if inputs else build(net, **named))
    return count_graph(capture(net, *inputs, **named))


def _captured(model: nn.Module | str, inputs: tuple[Any, ...], named: dict[str, Any]) -> CapturedNet:
    if isinstance(model, str):
        source = _source(model, inputs)
        if source is None or named:
            raise NetError(
                _(
                    "{model} is not the name of a model. Write for instance torchvision:resnet50 or mymodel.py:Net."
                ).format(model=model[:80])
            )
        from resviz.capturing.process import capture as capture_source

        return capture_source(source)
    from resviz.capturing.building import make_example
    from resviz.capturing.model_source import ModelSource
    from resviz.capturing.passes import Example, capture_model

    name = type(model).__name__
    example = Example(tuple(map(_tensor, inputs)), {key: _tensor(value) for key, value in named.items()})
    if not inputs and not named:
        example = make_example(ModelSource("python", name), model)
    return capture_model(model, example, name)


def _source(text: str, inputs: tuple[Any, ...]) -> Any:
    from resviz.capturing.model_source import parse_source

    return parse_source(text, tuple("x".join(map(str, shape)) for shape in inputs))


def _tensor(value: Any) -> Any:
    """Return a tensor of zeros for a shape, with a batch of one; anything else as it is."""
    if isinstance(value, tuple) and value and all(isinstance(side, int) for side in value):
        import torch

        return torch.zeros(1, *value)
    return value
