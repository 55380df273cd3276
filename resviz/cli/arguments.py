"""What commands read from the command line: nets, options, recipes; each wrong one raises an error of one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resviz.base.clean_text import clean_text
from resviz.base.translation import _
from resviz.nets import catalogue
from resviz.nets.spec import Activation, NetSpec, Norm, NormPlace, Shortcut, StrideIn
from resviz.nets.spec_files import read_spec
from resviz.training.recipe import TrainConfig, validate_recipe

if TYPE_CHECKING:
    from rich.table import Table


def nets_beginning(typed: str) -> list[str]:
    """Return the nets of the catalogue that complete what is typed in a shell."""
    return [name for name in catalogue.names() if name.startswith(typed)]


def runs_beginning(typed: str) -> list[str]:
    """Return the ids of saved runs that complete what is typed, newest first."""
    from resviz.runs.library import default_folder, ids

    return [id for id in ids(default_folder()) if id.startswith(typed)]


def sweeps_beginning(typed: str) -> list[str]:
    """Return the ids of sweeps that complete what is typed, newest first."""
    from resviz.experiments.sweep import ids
    from resviz.runs.library import default_folder

    return [id for id in ids(default_folder()) if id.startswith(typed)]


NetArgument = Annotated[
    str,
    typer.Argument(
        metavar="NET", help=_("A net's name, like resnet50, or a spec file (TOML)."), autocompletion=nets_beginning
    ),
]
DeviceOption = Annotated[str, typer.Option(help=_("Device: cpu, cuda, or auto for the fastest one that works."))]
ShortcutOption = Annotated[
    Shortcut | None,
    typer.Option(
        help=_("Shortcut option: A pads with zeros, B projects where dimensions change, C projects everywhere.")
    ),
]
StrideInOption = Annotated[StrideIn | None, typer.Option(help=_("Convolution of a bottleneck that has the stride."))]
NormOption = Annotated[Norm | None, typer.Option(help=_("Normalization after each convolution."))]
NormPlaceOption = Annotated[
    NormPlace | None,
    typer.Option(help=_("Place of the normalization: before or after the nonlinearity, or after the addition.")),
]
ActivationOption = Annotated[Activation | None, typer.Option(help=_("Nonlinearity."))]
InputOption = Annotated[str | None, typer.Option(metavar="CxHxW", help=_("Shape of an input image, like 3x224x224."))]
InputsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="CxHxW",
        help=_("Shape of an input, like 3x224x224, or 16:int64 for whole numbers. Repeat it for several inputs."),
    ),
]
ArgumentsOption = Annotated[
    str,
    typer.Option("--args", help=_("What a model's class or function is called with: a Python literal, like (10, 3).")),
]
ClassesOption = Annotated[int | None, typer.Option(help=_("Number of classes."))]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Print one JSON document and nothing else."))]


def read_net(net: str, **options: Any) -> NetSpec:
    """Return the spec of a name or a file, with the given options. Raise NetError if there is no such net."""
    looks_like_file = net.endswith(".toml") or "/" in net or "\\" in net
    spec = read_spec(Path(net)) if looks_like_file or _is_file(net) else _named_net(net)
    given = {key: value for key, value in options.items() if value is not None}
    return spec.with_options(**given) if given else spec


def _named_net(name: str) -> NetSpec:
    """Return the net of a name as people type it. Say so if that is the name of a net for other images."""
    known = catalogue.canonical_name(name)
    if known.startswith("cifar-") and "cifar" not in name.lower():
        sys.stderr.write(clean_text(_("{name} means {known}, a net for CIFAR.").format(name=name, known=known)) + "\n")
    return catalogue.find(known)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # longer than any file's name
        return False


def read_recipe(model: type[TrainConfig] = TrainConfig, **values: Any) -> TrainConfig:
    """Return a recipe of these values. Raise RecipeError if one is out of its range."""
    return validate_recipe(values, model=model, field=lambda name: "--" + name.replace("_", "-"))


_LONG_NAME = 30
"""Letters of a name up to which it is not folded."""
_LEAST_NAME = 10
_BETWEEN = 2
"""Letters between two columns."""
_FILE_WIDTH = 200
"""Letters of a line that is read by no terminal: a table is not to be broken for the sake of 80."""


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Iterable[int] = (),
    *,
    title: str = "",
    less: Sequence[int] | None = None,
) -> None:
    """Print a table. Nothing in it is cut off: where the terminal is too narrow, columns are left out, and named.

    Args:
        headings: The heading of each column.
        rows: The cells of each row.
        right: The columns that are aligned to the right.
        title: A line above the table.
        less: The columns that may be left out, the first one first. By default all but two, from the last one on.
    """
    from rich.cells import cell_len
    from rich.console import Console

    heads = [clean_text(heading) for heading in headings]
    cells = [[clean_text(cell) for cell in row] for row in rows]
    places, may_go = list(range(len(headings))), list(range(len(headings) - 1, 1, -1) if less is None else less)
    console = Console(markup=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)

    widths = [max(map(cell_len, column)) for column in zip(heads, *cells, strict=True)]
    if widths[0] > _LONG_NAME:
        widths[0] = _LONG_NAME
    while may_go and sum(widths[place] + _BETWEEN for place in places) > console.width:
        places.remove(may_go.pop(0))
    room = console.width - _BETWEEN - sum(widths[place] + _BETWEEN for place in places if place)
    console.print(_table(heads, cells, set(right), places, title, max(room, _LEAST_NAME)))
    left_out = [head for place, head in enumerate(heads) if place not in places]
    if left_out:
        text = _("Left out, because the terminal is narrow: {columns}. --json prints everything.")
        sys.stdout.write(text.format(columns=", ".join(left_out)) + "\n")


def _table(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: set[int],
    places: Sequence[int],
    title: str,
    room: int,
) -> Table:
    """Return a table of the columns at `places`. What tells rows apart is folded if it is longer than its room."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, title=Text(clean_text(title)) if title else None
    )
    table.title_justify = "left"
    folds = max((len(row[0]) for row in cells), default=0) > room
    for place in places:
        table.add_column(
            Text(headings[place]),
            justify="right" if place in right else "left",
            no_wrap=not (folds and place == 0),
            overflow="fold",
            width=room if folds and place == 0 else None,
        )
    for row in cells:
        table.add_row(*(Text(row[place]) for place in places))
    return table


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output."""
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")
