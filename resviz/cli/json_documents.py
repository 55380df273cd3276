"""What each command prints with --json, declared once: the page docs/json.md is made of it, and tests hold it.

A field may be added; none is renamed or taken away within a major version.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class FieldSize(Document):
    """How much of the image one place of a map depends on."""

    size: list[int] = Field(description="height and width in pixels of the image")
    stride: list[int] = Field(description="pixels between neighbouring places, down and across")


class NetField(FieldSize):
    """The receptive field of a net."""

    layer: str = Field(description="the last convolution, whose receptive field it is")


class Layer(Document):
    """A layer of a net."""

    name: str = Field(description="path in the PyTorch state dict")
    kind: str = Field(description="conv, fc, bn, relu, add …")
    inputs: list[str] = Field(description="names of the layers that it reads")
    output: list[int] = Field(description="shape of its output without the batch: channels, height, width")
    params: int = Field(description="parameters")
    flops: int = Field(description="multiply-adds for one image")
    stage: str = Field(description="row of the depth table; empty outside the stages")
    block: str = Field(description="building block; empty outside the blocks")
    activations: int = Field(description="numbers of its output; 0 if it works in place")
    activation_bytes: int = Field(description="bytes of its output in float32")
    receptive_field: FieldSize | None = Field(description="of one place of its output; null where nobody can say")


class MemoryParts(Document):
    """Bytes by what they hold."""

    parameters: int = Field(description="bytes of the parameters")
    gradients: int = Field(description="bytes of the gradients")
    optimizer: int = Field(description="bytes of the optimizer's state")
    activations: int = Field(description="bytes of the activations")
    other: int = Field(description="bytes of running statistics and of autocast's copies of weights")
    total: int = Field(description="sum of the parts")


class Memory(Document):
    """With --batch."""

    batch: int = Field(description="images")
    precision: str = Field(description="of the numbers")
    optimizer: str = Field(description="in training")
    momentum: float = Field(description="of the optimizer")
    training: MemoryParts = Field(description="in training")
    inference: MemoryParts = Field(description="in inference")


class Reason(Document):
    """Why another counter has another number."""

    what: str = Field(description="what is counted otherwise")
    amount: int = Field(description="multiply-adds or parameters")


class CrossCheck(Document):
    """With --cross-check: one other counter."""

    counter: str = Field(description="its name")
    version: str = Field(description="its version")
    convention: str = Field(description="what it counts")
    params: int | None = Field(description="its parameters")
    flops: int | None = Field(description="its operations")
    per_multiply_add: int = Field(description="operations that it counts for one multiply-add")
    reasons: list[Reason] = Field(description="explained differences")
    unexplained: int = Field(description="what is left of the difference")
    agrees: bool = Field(description="whether nothing is left")
    problem: str = Field(description="why it could not count; empty otherwise")


class Unused(Document):
    """A parameter that a captured model has and did not use."""

    name: str = Field(description="path in the PyTorch state dict")
    params: int = Field(description="its numbers")


class Show(Document):
    """`resviz show NET --json`."""

    name: str = Field(description="the net's name")
    input: list[int] = Field(description="channels, height, width")
    classes: int | None = Field(None, description="outputs; only of nets of Resviz")
    weight_layers: int = Field(description="layers that the paper counts")
    params: int = Field(description="parameters")
    flops: int = Field(description="multiply-adds for one image")
    activations: int = Field(description="numbers of all outputs of one image")
    activation_bytes: int = Field(description="the same in bytes, in float32")
    receptive_field: NetField | None = Field(description="of the net; null without convolutions")
    layers: list[Layer] = Field(description="from the input to the output")
    memory: Memory | None = Field(None, description="only with --batch")
    cross_check: list[CrossCheck] | None = Field(None, description="only with --cross-check")
    origin: str | None = Field(None, description="only of models of other programs: where it comes from, as given")
    way: str | None = Field(None, description="how it was run: meta, fake or real tensors; file if it was not")
    problem: str | None = Field(None, description="what the model raised; empty otherwise")
    unused: list[Unused] | None = Field(None, description="parameters that no call read")


class NamedNet(Document):
    """A net of the catalogue."""

    name: str = Field(description="as other commands take it")
    title: str = Field(description="as papers write it")
    weight_layers: int = Field(description="layers that the paper counts")
    params: int = Field(description="parameters")
    flops: int = Field(description="multiply-adds for one image")


class Nets(Document):
    """`resviz nets [WORD...] --json`."""

    nets: list[NamedNet] = Field(description="all nets, or those that match")


class Claim(Document):
    """A printed number and the computed one."""

    id: str = Field(description="stable name")
    source: str = Field(description="paper or lecture")
    what: str = Field(description="the quantity and its net")
    printed: str = Field(description="the number as printed")
    computed: str = Field(description="the number as computed; empty if it is not")
    verdict: str = Field(description="agrees, differs or measured elsewhere")
    why: str = Field(description="why it differs or is not computed")


class Check(Document):
    """`resviz check --json`."""

    claims: list[Claim] = Field(description="all claims, or those of --paper")


class TrainedNet(Document):
    """A run that has just ended."""

    id: str = Field(description="the run's id")
    net: str = Field(description="the net's name")
    path: str = Field(description="the run's folder")
    steps: int = Field(description="steps done")
    loss: float | None = Field(description="of the last batch; null if it is not finite")
    error: float | None = Field(description="held-out error, 0 to 1")
    steps_per_second: float | None = Field(description="without pauses")
    diagnosis: str = Field(description="what the gradient did, in one sentence")


class Train(Document):
    """`resviz train NET... --json` and `resviz resume RUN... --json`."""

    runs: list[TrainedNet] = Field(description="one for each net")


class ListedRun(Document):
    """A saved run. Fields about a net are null for imported curves."""

    id: str = Field(description="the run's id")
    net: str = Field(description="its title, or the net's name")
    data: str = Field(description="data set; empty for imported curves")
    depth: int | None = Field(description="weight layers")
    parameters: int | None = Field(description="parameters")
    multiply_adds: int | None = Field(description="for one image of the data set")
    seed: int = Field(description="seed of the recipe")
    steps: int = Field(description="steps done")
    of_steps: int | None = Field(description="steps of the recipe")
    loss: float | None = Field(description="of the last batch")
    error: float | None = Field(description="held-out error, 0 to 1, when last measured")
    best_error: float | None = Field(description="the smallest one")
    state: str = Field(description="running, finished, stopped, failed or interrupted")
    message: str = Field(description="why it failed")
    tags: list[str] = Field(description="tags")
    notes: str = Field(description="notes")
    path: str = Field(description="the run's folder")


class Runs(Document):
    """`resviz runs --json`."""

    runs: list[ListedRun] = Field(description="in the order of --by")


class ComparedRun(Document):
    """A run that is compared."""

    id: str = Field(description="the run's id")
    net: str = Field(description="its title, or the net's name")


class Compare(Document):
    """`resviz compare RUN RUN... --json`."""

    runs: list[ComparedRun] = Field(description="in the order given")
    differs: dict[str, list[str]] = Field(description="by setting or result, a text for each run")


class ComparedNet(Document):
    """A net that is compared."""

    name: str = Field(description="as it was given")
    params: int = Field(description="parameters")
    flops: int = Field(description="multiply-adds")
    weight_layers: int = Field(description="layers that the paper counts")


class AlignedLayers(Document):
    """A layer of both nets, or of one."""

    a: str | None = Field(description="its name in the first net; null if it is not there")
    b: str | None = Field(description="its name in the second net; null if it is not there")
    what: str = Field(description="how they differ; empty if they do not")
    more_params: int = Field(description="parameters that the second has more")
    more_flops: int = Field(description="multiply-adds that the second has more")


class CompareNets(Document):
    """`resviz compare NET NET --json`."""

    nets: list[ComparedNet] = Field(description="in the order given")
    equal: bool = Field(description="whether no layer differs")
    layers: list[AlignedLayers] = Field(description="of both nets, in the order of the first")


class Table(Document):
    """`resviz compare RUN RUN... --table own --json`."""

    title: str = Field(description="of the table")
    rows: list[dict[str, str]] = Field(description="cells by their headings")
    note: str = Field(description="convention and source")


class Term(Document):
    """A word of the glossary."""

    name: str = Field(description="the word")
    text: str = Field(description="its explanation")
    source: str = Field(description="where it is from")


class Explain(Document):
    """`resviz explain [WORD] --json`."""

    terms: list[Term] = Field(description="the word, or all")


class DataSet(Document):
    """A data set."""

    name: str = Field(description="as --data takes it")
    title: str = Field(description="its name")
    image: list[int] = Field(description="channels, height, width")
    classes: int = Field(description="number of classes; 0 if the folder decides")
    source: str = Field(description="what it is and where it is from")
    folder: str = Field(description="where it is looked for")
    missing: list[str] = Field(description="files that are not there yet")


class Data(Document):
    """`resviz data --json`."""

    data: list[DataSet] = Field(description="all data sets")


class PublishedWeightsFile(Document):
    """Weights that torchvision publishes."""

    name: str = Field(description="as --weights takes it")
    net: str = Field(description="the net of the catalogue")
    version: str = Field(description="torchvision's name of the training recipe")
    url: str = Field(description="address of the file")
    top1_error: float = Field(description="per cent on ImageNet, as torchvision states it")


class Weights(Document):
    """`resviz weights --json`."""

    kept: list[str] = Field(description="names that --weights takes now")
    published: list[PublishedWeightsFile] = Field(description="all that can be fetched")


class Export(Document):
    """`resviz export NET|RUN --json`."""

    written: str = Field(description="the file or folder")


class SavedRun(Document):
    """A run that was written."""

    id: str = Field(description="the run's id")
    path: str = Field(description="the run's folder")


class Import(Document):
    """`resviz import FILE... --json`."""

    runs: list[SavedRun] = Field(description="one for each file")


class Watch(Document):
    """`resviz watch SCRIPT --json`. What the script prints goes to standard error."""

    runs: list[SavedRun] = Field(description="one for each module that was trained")
    status: int = Field(description="the exit status of the script")


class Follow(Document):
    """`resviz follow --json`. No window is opened."""

    id: str = Field(description="the run's id")
    path: str = Field(description="the run's folder")


class Sweep(Document):
    """`resviz sweep --json`."""

    id: str = Field(description="the sweep's id")
    states: list[str | None] = Field(description="of each variation; null if it has not begun")
    tables: list[dict[str, Any]] = Field(description="final errors: title and rows")
    problems: list[str] = Field(description="what failed")


class AblatedBlock(Document):
    """A block, and held-out errors of the net without it, as shares of wrong answers."""

    block: str = Field(description="the block's name")
    skipped: float | None = Field(description="what enters the block leaves it; null where it changes the dimensions")
    zeroed: float = Field(description="with all its weights at 0")


class PathsOfALength(Document):
    """The paths through a residual net that pass a number of residual functions."""

    length: int = Field(description="residual functions on the path")
    paths: int = Field(description="how many such paths there are")
    norm: float = Field(description="gradient at the first block's input along one of them, mean over 8")


class Ablate(Document):
    """`resviz ablate RUN --json`."""

    error: float = Field(description="held-out error of the whole net, a share")
    deeper: float | None = Field(description="with an identity block more in each stage; null where none can be one")
    blocks: list[AblatedBlock] = Field(description="from the input to the output")
    paths: list[PathsOfALength] = Field(description="with --paths, for a residual net")


class EnsembleMember(Document):
    """A net of an ensemble."""

    run: str = Field(description="id of its run")
    net: str = Field(description="name of the net")
    error: float = Field(description="its own held-out error, a share")


class Ensemble(Document):
    """`resviz ensemble RUN... --json`."""

    error: float = Field(description="held-out error of the mean of the probabilities, a share")
    members: list[EnsembleMember] = Field(description="the nets, in the order of the command")


DOCUMENTS: tuple[type[Document], ...] = (
    Show,
    Nets,
    Check,
    Train,
    Runs,
    Compare,
    Table,
    Sweep,
    Export,
    Import,
    Watch,
    Follow,
    Ablate,
    Ensemble,
    Data,
    Weights,
    Explain,
)
"""What the commands print. `resviz doctor --json` prints texts by their names, which differ between systems."""


def json_page() -> str:
    """Return the page docs/json.md: a table for each document, and for each object in one."""
    lines = [
        "# JSON output",
        "",
        "Most commands print one JSON document with `--json`, and nothing else on standard output. A field may be "
        "added in a later version. `resviz doctor --json` prints texts by their names, which differ between systems.",
    ]
    told: set[type[BaseModel]] = set()
    waiting: list[tuple[int, type[BaseModel]]] = [(2, document) for document in DOCUMENTS]
    while waiting:
        level, model = waiting.pop(0)
        if model in told:
            continue
        told.add(model)
        title = (model.__doc__ or "").strip().rstrip(".") if level == 2 else model.__name__
        lines += ["", f"{'#' * level} {title}", ""]
        if level > 2:
            lines += [(model.__doc__ or "").strip(), ""]
        lines += ["| field | type | meaning |", "|---|---|---|"]
        inner: list[tuple[int, type[BaseModel]]] = []
        for name, field in model.model_fields.items():
            text, found = _type_text(field.annotation)
            inner += [(3, one) for one in found if one not in told]
            lines.append(f"| `{name}` | {text} | {field.description} |")
        waiting[:0] = inner
    return "\n".join(lines) + "\n"


def _type_text(kind: Any) -> tuple[str, list[type[BaseModel]]]:
    """Return a type in words, and the objects in it."""
    from types import NoneType, UnionType
    from typing import get_args, get_origin

    simple = {int: "integer", float: "number", str: "text", bool: "true or false", NoneType: "null", Any: "any"}
    if kind in simple:
        return simple[kind], []
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__}](#{kind.__name__.lower()})", [kind]
    parts = [_type_text(part) for part in get_args(kind)]
    models = [model for _text, found in parts for model in found]
    if get_origin(kind) is UnionType:
        return " or ".join(text for text, _found in parts), models
    if get_origin(kind) is dict:
        return f"object of {parts[1][0]}", models
    return f"list of {parts[0][0]}", models
