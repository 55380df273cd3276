"""A network as one immutable graph. Everything else (numbers, picture, training) is derived from it."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.op import Op, Shape, format_shape
from resviz.nets.ops import Input

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx


@dataclass(frozen=True)
class Layer:
    """One op at its place in a net.

    `name` is the dotted path that is also the parameter prefix in a torch state dict ("layer3.0.conv1"),
    `inputs` names the layers it reads, `shape` is its output without the batch axis. `stage` is the row of the
    depth table that it belongs to ("conv4_x"), `block` the building block ("layer3.0") or "". `branch` is the number of
    the parallel branch of its block that it is on, from 1; 0 where there is but one way. `auxiliary` says that it is
    on a classifier that only training uses, `per_region` that it works on each region of a detector by itself: its
    shape and its costs are one region's.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    shape: Shape
    stage: str = ""
    block: str = ""
    on_shortcut: bool = False
    branch: int = 0
    auxiliary: bool = False
    per_region: bool = False
    block_type: str = ""
    """The registered block that added it; "" for a layer of no such block."""

    @property
    def counts_as_depth(self) -> bool:
        """Whether the paper counts it as a layer: convolutions and fully connected layers.

        Projections on shortcuts and auxiliary classifiers don't count.
        """
        return self.op.weighted and not self.on_shortcut and not self.auxiliary


@dataclass(frozen=True)
class ResidualBlock:
    """A sum F(x) + x, by the names of its layers.

    `source` is x, and `residual` the end of F. `shortcut` is what is added: x itself if the shortcut is the identity.
    `total` is the sum. `branch` is the first layer on the side of the shortcut.
    """

    name: str
    source: str
    residual: str
    shortcut: str
    total: str
    branch: str


@dataclass(frozen=True)
class Graph:
    """A network: its layers in topological order, the first of them its input, the last its output."""

    name: str
    layers: tuple[Layer, ...]

    def __getitem__(self, name: str) -> Layer:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __len__(self) -> int:
        return len(self.layers)

    @property
    def input_shape(self) -> Shape:
        """Shape of the image: (channels, height, width)."""
        return self.layers[0].shape

    @property
    def output(self) -> Layer:
        """The layer with the net's scores."""
        return self.layers[-1]

    @cached_property
    def outputs(self) -> tuple[Layer, ...]:
        """The layers that no other layer reads: the output first.

        Auxiliary classifiers, or the other outputs of a detector, follow in the order of the graph.
        """
        others = [layer for layer in self.layers[:-1] if not self.consumers[layer.name]]
        return (self.output, *others)

    @cached_property
    def depth(self) -> int:
        """Weight layers on the longest path to the output. In a net with one path these are all of them.

        GoogLeNet is "22 layers deep when counting only layers with parameters" (Szegedy et al. 2015, section 5).
        """
        # Layers are in topological order already, and every net is counted at each keystroke: networkx, whose longest
        # path the tests hold this against, would take ten times as long.
        depths: dict[str, int] = {}
        for layer in self.layers:
            depths[layer.name] = max((depths[name] for name in layer.inputs), default=0) + layer.counts_as_depth
        return depths[self.output.name]

    def to_networkx(self) -> networkx.DiGraph[str]:
        """Return the graph for networkx: a node for each layer, and an edge to each layer that reads it.

        Nodes have the attributes `kind`, `label`, `stage`, `block`, `shape` (as text), `parameters`, `multiply_adds`
        and `weighted` (whether the paper counts the layer as depth). Edges have `weighted` of the layer that they lead
        to.
        """
        import networkx  # when asked for: the window must not wait for it

        graph: networkx.DiGraph[str] = networkx.DiGraph(name=self.name)
        for layer in self.layers:
            graph.add_node(
                layer.name,
                kind=layer.op.kind,
                label=layer.op.label(),
                stage=layer.stage,
                block=layer.block,
                shape=format_shape(layer.shape),
                parameters=self.parameters(layer),
                multiply_adds=self.multiply_adds(layer),
                weighted=layer.counts_as_depth,
            )
        for layer in self.layers:
            graph.add_edges_from((name, layer.name, {"weighted": int(layer.counts_as_depth)}) for name in layer.inputs)
        return graph

    def _repr_html_(self) -> str:
        """Return the net as notebooks show it: totals, and modules that fold."""
        from resviz.nets.html_summary import html_summary

        return html_summary(self)

    @property
    def weight_layers(self) -> tuple[Layer, ...]:
        """The layers that the paper counts. ResNet-34 has 34 of them with any shortcut option."""
        return tuple(layer for layer in self.layers if layer.counts_as_depth)

    @cached_property
    def is_detector(self) -> bool:
        """Whether layers of the net answer for regions of the image."""
        return any(layer.per_region for layer in self.layers)

    @cached_property
    def consumers(self) -> dict[str, tuple[Layer, ...]]:
        """The layers that read each layer, by its name."""
        found: dict[str, list[Layer]] = {layer.name: [] for layer in self.layers}
        for layer in self.layers:
            for name in layer.inputs:
                found[name].append(layer)
        return {name: tuple(layers) for name, layers in found.items()}

    @cached_property
    def block_names(self) -> tuple[str, ...]:
        """The names of the building blocks, from the input to the output. Auxiliary classifiers are none."""
        return tuple(dict.fromkeys(layer.block for layer in self.layers if layer.block and not layer.auxiliary))

    @cached_property
    def residual_blocks(self) -> tuple[ResidualBlock, ...]:
        """Every sum of a residual function and its shortcut, from the input to the output."""
        return tuple(self._residual_block(layer) for layer in self.layers if layer.op.kind == "add")

    @property
    def nonlinearities(self) -> tuple[Layer, ...]:
        """The activations, and the gates of a highway net, from the input to the output."""
        return tuple(layer for layer in self.layers if layer.op.nonlinear)

    def _residual_block(self, total: Layer) -> ResidualBlock:
        residual, shortcut = total.inputs
        branch, source = total, self[shortcut]
        while source.on_shortcut:
            branch, source = source, self[source.inputs[0]]
        return ResidualBlock(total.block, source.name, residual, shortcut, total.name, branch.name)

    def in_place(self, layer: Layer) -> bool:
        """Return whether its output can take its input's place in memory: nothing else reads that."""
        return layer.op.in_place and len(self.consumers[layer.inputs[0]]) == 1

    def input_shapes(self, layer: Layer) -> tuple[Shape, ...]:
        """Return the shapes of a layer's inputs, in the order in which the layer reads them."""
        return tuple(self[name].shape for name in layer.inputs)

    def parameters(self, layer: Layer) -> int:
        """Return the number of a layer's parameters."""
        return layer.op.parameters()

    def multiply_adds(self, layer: Layer) -> int:
        """Return the multiply-adds of a layer for one image."""
        return layer.op.multiply_adds(layer.shape)

    def response_layer(self, weight_layer: Layer) -> Layer:
        """Return the layer whose output is the weight layer's response.

        It is the weight layer itself or, where one follows, its normalisation: "after BN and before other
        nonlinearity (ReLU or addition)" ("Deep Residual Learning", figure 7).
        """
        readers = self.consumers[weight_layer.name]
        return readers[0] if len(readers) == 1 and readers[0].op.kind == "batch norm" else weight_layer

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}


class GraphBuilder:
    """Collects layers; each `add` returns the new layer's name, to be the input of the next."""

    def __init__(self, name: str, input_shape: Shape) -> None:
        self._name = name
        self._layers: dict[str, Layer] = {}
        self._ops: dict[Op, Op] = {}
        """Each op once: a deep net has few different ones, and garbage collection looks at every object."""
        self._where: dict[str, Any] = {}
        """What layers that are added now are said to belong to: fields of Layer."""
        self._blocks = 0
        self.input = self.add("input", Input(input_shape))

    def add(self, name: str, op: Op, *inputs: str) -> str:
        """Add a layer that reads the layers named. Raises NetError, with the layer's name, if it can't be."""
        if name in self._layers:
            raise NetError(_("{name}: the net already has a layer of this name").format(name=name))
        try:
            shape = op.output_shape(tuple(self._layers[source].shape for source in inputs))
        except NetError as error:
            stage = self._where.get("stage")
            place = f"{stage}, {name}" if stage else name
            raise type(error)(f"{place}: {error}") from None
        self._layers[name] = Layer(name, self._ops.setdefault(op, op), inputs, shape, **self._where)
        return name

    def shape(self, name: str) -> Shape:
        """Return the output shape of a layer that was added before."""
        return self._layers[name].shape

    def strides(self) -> dict[str, int]:
        """Return how many pixels of the image lie between neighbouring places, for each layer so far."""
        found: dict[str, int] = {}
        for layer in self._layers.values():
            window = layer.op.window(tuple(self._layers[source].shape for source in layer.inputs))
            before = max((found[source] for source in layer.inputs), default=1)
            found[layer.name] = before * window.stride[0] // window.up
        return found

    def stage_ends(self) -> dict[str, str]:
        """Return the last layer of each stage so far: the stage's name by the layer's."""
        ends = {layer.stage: layer.name for layer in self._layers.values() if not layer.auxiliary and layer.stage}
        return {name: stage for stage, name in ends.items()}

    @property
    def is_first_block(self) -> bool:
        """Whether no building block was begun before the one under way."""
        return self._blocks <= 1

    @contextmanager
    def _within(self, **where: Any) -> Iterator[None]:
        """Layers added within have these fields."""
        before, self._where = self._where, self._where | where
        yield
        self._where = before

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Put the layers that are added within into this row of the depth table."""
        return self._within(stage=name)

    def block(self, name: str) -> AbstractContextManager[None]:
        """Put the layers that are added within into this block."""
        self._blocks += 1
        return self._within(block=name)

    def block_type(self, name: str) -> AbstractContextManager[None]:
        """Mark the layers that are added within with the name of their registered block."""
        return self._within(block_type=name)

    def shortcut(self) -> AbstractContextManager[None]:
        """Mark the layers that are added within as part of a shortcut. The paper does not count them as depth."""
        return self._within(on_shortcut=True)

    def branch(self, number: int) -> AbstractContextManager[None]:
        """Put the layers that are added within on this branch of their block."""
        return self._within(branch=number)

    def auxiliary(self) -> AbstractContextManager[None]:
        """Mark the layers that are added within as a classifier that only training uses."""
        return self._within(auxiliary=True)

    def per_region(self) -> AbstractContextManager[None]:
        """Mark the layers that are added within as work on each region of a detector."""
        return self._within(per_region=True)

    def build(self) -> Graph:
        """Return the finished graph."""
        return Graph(self._name, tuple(self._layers.values()))
