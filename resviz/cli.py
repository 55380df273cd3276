"""The `resviz` command. With no sub-command it opens the window.

Bad input gives one line on standard error that says what, where and what would do, and exit status 2.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_args

import typer

from resviz.nets import catalogue
from resviz.nets.depth_table import build
from resviz.nets.errors import NetError
from resviz.nets.spec import MAX_FILE, Activation, NetSpec, Norm, Shortcut, StrideIn, from_toml

if TYPE_CHECKING:
    from resviz.analysis.counts import Counts

app = typer.Typer(
    name="resviz",
    help="See what depth does to a convolutional network, and what a shortcut does about it.",
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)


def _choices(name: str, literal: Any) -> Any:
    """An enumeration of a Literal's values: how typer is told what an option takes."""
    return StrEnum(name, {value: value for value in get_args(literal)})


ShortcutChoice = _choices("ShortcutChoice", Shortcut)
StrideInChoice = _choices("StrideInChoice", StrideIn)
NormChoice = _choices("NormChoice", Norm)
ActivationChoice = _choices("ActivationChoice", Activation)

NetArgument = Annotated[str, typer.Argument(metavar="NET", help="A name, like resnet50, or a spec file (TOML).")]
ShortcutOption = Annotated[ShortcutChoice | None, typer.Option(help="Zero padding, projection, projection always.")]
StrideInOption = Annotated[StrideInChoice | None, typer.Option(help="Where a bottleneck strides.")]
NormOption = Annotated[NormChoice | None, typer.Option(help="Normalisation behind each convolution.")]
ActivationOption = Annotated[ActivationChoice | None, typer.Option(help="The nonlinearity.")]
InputOption = Annotated[str | None, typer.Option(metavar="CxHxW", help="Input shape, like 3x224x224.")]
ClassesOption = Annotated[int | None, typer.Option(help="Outputs of the last layer.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


@app.callback(invoke_without_command=True)
def root(context: typer.Context) -> None:
    """Opens the window where no sub-command is given."""
    if context.invoked_subcommand is None:
        from resviz.gui.app import run

        raise typer.Exit(run())


@app.command()
def show(
    net: NetArgument,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    activation: ActivationOption = None,
    input: InputOption = None,  # noqa: A002 - the option's name
    classes: ClassesOption = None,
    as_json: JsonOption = False,
) -> None:
    """The layers of a net, its totals, and what the paper prints for it."""
    from resviz.analysis.counts import count

    spec = read_net(
        net,
        shortcut=shortcut,
        stride_in=stride_in,
        norm=norm,
        activation=activation,
        input=input,
        classes=classes,
    )
    counts = count(build(spec))
    if as_json:
        print_json(_document(spec, counts))
    else:
        _print_table(spec, counts)


def read_net(net: str, **options: Any) -> NetSpec:
    """The spec that a name or a file stands for, with the options that were given. Raises NetError."""
    looks_like_file = net.endswith(".toml") or "/" in net or "\\" in net
    spec = _read_spec_file(Path(net)) if looks_like_file or Path(net).is_file() else catalogue.find(net)
    given = {key: str(value) if isinstance(value, StrEnum) else value for key, value in options.items() if value is not None}
    return spec.with_options(**given) if given else spec


def _read_spec_file(path: Path) -> NetSpec:
    try:
        if path.stat().st_size > MAX_FILE:
            raise NetError(f"{path}: larger than {MAX_FILE} bytes; a net's spec is a few lines of TOML")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise NetError(f"{path}: {error.strerror or error}; a spec file or a name like resnet50 will do") from None
    except UnicodeDecodeError:
        raise NetError(f"{path}: not a text file (UTF-8); a spec file is TOML") from None
    spec = from_toml(text, str(path))
    return spec if "name" in spec.model_fields_set else spec.model_copy(update={"name": path.stem})


def _document(spec: NetSpec, counts: Counts) -> dict[str, Any]:
    return {
        "name": spec.name,
        "input": list(spec.input),
        "classes": spec.classes,
        "weight_layers": counts.weight_layers,
        "params": counts.parameters,
        "flops": counts.flops,
        "layers": [
            {
                "name": row.layer.name,
                "kind": row.layer.op.kind,
                "inputs": list(row.layer.inputs),
                "output": list(row.layer.shape),
                "params": row.parameters,
                "flops": row.flops,
            }
            for row in counts.rows
        ],
    }


def _print_table(spec: NetSpec, counts: Counts) -> None:
    from rich.console import Console
    from rich.table import Table

    from resviz.analysis.claims import flops_claim, parameters_claim
    from resviz.analysis.counts import CONVENTION, exact, short
    from resviz.nets.ops import show as show_shape

    table = Table(title=f"{spec.label}, input {show_shape(spec.input)}", title_justify="left")
    for heading in ("layer", "kind", "output"):
        table.add_column(heading)
    for heading in ("parameters", "FLOPs"):
        table.add_column(heading, justify="right")
    for row in counts.rows:
        numbers = (exact(number) if number else "" for number in (row.parameters, row.flops))
        table.add_row(row.layer.name, row.layer.op.label(), show_shape(row.layer.shape), *numbers)
    console = Console()
    console.print(table)
    console.print(
        f"{counts.weight_layers} weight layers · {exact(counts.parameters)} parameters · "
        f"{exact(counts.flops)} FLOPs ({short(counts.flops)})"
    )
    for claim in (flops_claim(spec, counts), parameters_claim(spec, counts)):
        if claim:
            reason = f": {claim.why}" if claim.why else ""
            console.print(f"{claim.source} prints {claim.printed_label} {claim.what}: {claim.verdict}{reason}", soft_wrap=True)
    console.print(CONVENTION, style="dim", soft_wrap=True)


def print_json(document: dict[str, Any]) -> None:
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


def fail(message: str) -> NoReturn:
    """One line on standard error, exit status 2."""
    sys.stderr.write("resviz: " + " ".join(message.split()) + "\n")
    raise SystemExit(2)


def main() -> None:
    """The console script."""
    try:
        status = app(standalone_mode=False)
    except (NetError, *_USAGE_ERRORS) as error:
        message = error.format_message() if isinstance(error, _USAGE_ERRORS) else str(error)
        fail(message)
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("resviz: stopped\n")
        raise SystemExit(130) from None
    except BrokenPipeError:
        # `resviz show resnet50 | head`: the reader has what it wanted.
        sys.stderr.close()
        raise SystemExit(0) from None
    raise SystemExit(status if isinstance(status, int) else 0)


def window() -> None:
    """The gui script: the window, whatever stands on the command line."""
    from resviz.gui.app import run

    raise SystemExit(run())


# typer raises its own copy of click's errors or click's, by version; both descend from the one its BadParameter does.
_USAGE_ERRORS = tuple(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
