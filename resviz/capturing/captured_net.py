"""What capturing a model gives, and the file that a process hands it to another in. No torch."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from resviz.base.clean_text import CleanLine, clean_line
from resviz.base.errors import NetError, validation_message
from resviz.base.translation import _, ngettext
from resviz.nets import ops
from resviz.nets.graph import Graph, Layer
from resviz.nets.ops.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.nets.op import Op

Way = Literal["meta", "fake", "real", "file"]
"""How a model was run: with tensors that have a shape only, with ones that also have a device, or with values. Or it
was not run, and a file said what it does."""
MAX_DOCUMENT = 400_000_000
_MAX_LAYERS = 300_000
_MANY = 3
"""So many unused parameters are named. Of the others only the number is given."""
_OPS: dict[str, type[Op]] = {name: getattr(ops, name) for name in ops.__all__} | {"Recorded": Recorded}


@dataclass(frozen=True)
class CapturedNet:
    """A model that Resviz did not build, as one run of it showed it.

    `origin` is where it comes from, as a person gave it. `unused` are the modules that were not called, with the number
    of their parameters. `problem` is what the model raised: then the graph ends there.
    """

    graph: Graph
    origin: str
    way: Way
    unused: tuple[tuple[str, int], ...] = ()
    problem: str = ""
    modules: int = 0
    """How many modules the model has."""

    @property
    def unused_parameters(self) -> int:
        """Parameters that no call read."""
        return sum(size for _name, size in self.unused)

    @property
    def unused_text(self) -> str:
        """Which parameters no call read, in a sentence."""
        named = ", ".join(name for name, _size in self.unused[:_MANY])
        more = _(" and {count} more").format(count=len(self.unused) - _MANY) if len(self.unused) > _MANY else ""
        text = ngettext(
            "{count} parameter was not used: {names}.",
            "{count} parameters were not used: {names}.",
            self.unused_parameters,
        )
        return text.format(count=self.unused_parameters, names=named + more)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be said of it: what it is, which parameters were not used, and what went wrong."""
        found = [self.description]
        if self.unused:
            found.append(self.unused_text)
        if self.problem:
            found.append(_("It ends where the model raised: {problem}").format(problem=self.problem))
        return tuple(found)

    @property
    def description(self) -> str:
        """In a sentence, what this graph is."""
        shapes = ", ".join("×".join(map(str, layer.shape)) for layer in self.graph.layers if layer.op.kind == "input")
        if self.way == "file":
            if not shapes:
                return _("The tensors of the file. It does not say how they are connected.")
            return _("What the file says, with input {shapes}.").format(shapes=shapes)
        return _("One run of this model, with input {shapes}.").format(shapes=shapes)


_FIELDS = tuple(field.name for field in dataclasses.fields(Layer) if field.name not in ("name", "op"))
"""What a document has of a layer as it is."""


class _LayerDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: CleanLine = Field(min_length=1, max_length=2000)
    op: str
    settings: dict[str, Any] = {}
    inputs: tuple[str, ...] = ()
    shape: tuple[Annotated[int, Field(ge=0)], ...] = ()
    stage: CleanLine = ""
    block: CleanLine = ""
    on_shortcut: bool = False
    branch: int = Field(0, ge=0)
    auxiliary: bool = False
    per_region: bool = False
    block_type: CleanLine = ""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["resviz graph 1"] = "resviz graph 1"
    name: CleanLine = Field(max_length=500)
    origin: CleanLine = Field("", max_length=2000)
    way: Way = "real"
    problem: CleanLine = Field("", max_length=4000)
    modules: int = Field(0, ge=0)
    unused: tuple[tuple[CleanLine, Annotated[int, Field(ge=0)]], ...] = ()
    layers: tuple[_LayerDocument, ...] = Field(min_length=1, max_length=_MAX_LAYERS)


def write_document(net: CapturedNet) -> bytes:
    """Return a captured net as JSON with a closed schema."""
    document = _Document(
        name=net.graph.name[:500],
        origin=net.origin[:2000],
        way=net.way,
        problem=net.problem[:4000],
        modules=net.modules,
        unused=net.unused,
        layers=tuple(
            _LayerDocument(
                name=layer.name,
                op=type(layer.op).__name__,
                settings=_settings(layer.op),
                **{name: getattr(layer, name) for name in _FIELDS},
            )
            for layer in net.graph.layers
        ),
    )
    return document.model_dump_json(exclude_defaults=True).encode()


def read_document(content: bytes, where: str) -> CapturedNet:
    """Return the net of such a file. Raise NetError in one line if it is none."""
    try:
        document = _Document.model_validate_json(content)
    except ValidationError as error:
        raise NetError(clean_line(validation_message(error, where=where))) from None
    known: set[str] = set()
    layers = []
    for item in document.layers:
        if item.name in known or not set(item.inputs) <= known:
            raise NetError(
                _("{file}: the layer {layer} stands twice, or reads one that does not stand before it.").format(
                    file=where, layer=clean_line(item.name[:80])
                )
            )
        known.add(item.name)
        layers.append(Layer(item.name, _op(item, where), **{name: getattr(item, name) for name in _FIELDS}))
    return CapturedNet(
        Graph(document.name, tuple(layers)),
        document.origin,
        document.way,
        document.unused,
        document.problem,
        document.modules,
    )


def _settings(op: Op) -> dict[str, Any]:
    """Return the fields of an op that are not as its class has them."""
    found = {}
    for field in dataclasses.fields(op):
        value = getattr(op, field.name)
        if field.default is dataclasses.MISSING or value != field.default:
            found[field.name] = value
    return found


def _op(item: _LayerDocument, where: str) -> Op:
    kind = _OPS.get(item.op)
    if kind is None:
        raise NetError(_("{file}: {op} is not an operation.").format(file=where, op=clean_line(item.op[:80])))
    known = {field.name for field in dataclasses.fields(kind)}
    if not set(item.settings) <= known:
        raise NetError(_("{file}: {layer} has an unknown setting.").format(file=where, layer=item.name[:80]))
    try:
        op: Op = _adapter(item.op).validate_python(_tuples(item.settings))
    except ValidationError as error:
        raise NetError(clean_line(validation_message(error, where=f"{where}, {item.name[:80]}"))) from None
    return op


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_OPS[name])


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with tuples in place of JSON's lists."""
    return {name: _tuple(value) for name, value in settings.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
