"""The `resviz` command. With no sub-command it opens the window.

Bad input gives one line on standard error that says what, where and what would do, and exit status 2.
"""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from resviz.nets import catalogue
from resviz.nets.depth_table import build
from resviz.nets.errors import NetError
from resviz.nets.spec import MAX_FILE, Activation, NetSpec, Norm, Shortcut, StrideIn, from_toml
from resviz.training.recipe import DataName, Init, TrainConfig

if TYPE_CHECKING:
    from resviz.analysis.counts import Counts

app = typer.Typer(
    name="resviz",
    help="See what depth does to a convolutional network, and what a shortcut does about it.",
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)


MOST_NETS = 4

NetArgument = Annotated[str, typer.Argument(metavar="NET", help="A name, like resnet50, or a spec file (TOML).")]
ShortcutOption = Annotated[Shortcut | None, typer.Option(help="Zero padding, projection, projection always.")]
StrideInOption = Annotated[StrideIn | None, typer.Option(help="Where a bottleneck strides.")]
NormOption = Annotated[Norm | None, typer.Option(help="Normalisation behind each convolution.")]
ActivationOption = Annotated[Activation | None, typer.Option(help="The nonlinearity.")]
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
    input: InputOption = None,
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


@app.command()
def train(
    nets: Annotated[list[str], typer.Argument(metavar="NET...", help="One, or up to four in lock-step.")],
    data: Annotated[DataName, typer.Option(help="What to train on; digits16 is the quick one.")] = "digits",
    steps: Annotated[int, typer.Option(help="Updates of the weights.")] = 200,
    batch: Annotated[int, typer.Option(help="Images a step.")] = 128,
    seed: Annotated[int, typer.Option(help="Of the split, the batches and the first weights.")] = 0,
    init: Annotated[Init, typer.Option(help="The first weights.")] = "he",
    learning_rate: Annotated[float, typer.Option(help="Of SGD with momentum 0.9.")] = 0.1,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    activation: ActivationOption = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")] = "cpu",
    out: Annotated[Path | None, typer.Option(help="Where the run folders go; the window's own by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Trains nets in lock-step on the same batches, and writes each one's run folder as it goes."""
    from resviz.runs.library import default_folder

    if len(nets) > MOST_NETS:
        raise NetError(f"{len(nets)} nets; up to {MOST_NETS} train in lock-step")
    options = {"shortcut": shortcut, "stride_in": stride_in, "norm": norm, "activation": activation}
    specs = [read_net(net, **options) for net in nets]
    config = read_recipe(data=data, steps=steps, batch=batch, seed=seed, init=init, learning_rate=learning_rate)
    _train(specs, config, out or default_folder(), device, quiet=as_json)


def read_net(net: str, **options: Any) -> NetSpec:
    """The spec that a name or a file stands for, with the options that were given. Raises NetError."""
    looks_like_file = net.endswith(".toml") or "/" in net or "\\" in net
    spec = _read_spec_file(Path(net)) if looks_like_file or _is_file(net) else catalogue.find(net)
    given = {key: value for key, value in options.items() if value is not None}
    return spec.with_options(**given) if given else spec


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # longer than any file's name
        return False


def _read_spec_file(path: Path) -> NetSpec:
    try:
        with path.open("rb") as file:  # no more than that of it: it may be no file at all, like /dev/zero
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise NetError(f"{path}: {error.strerror or error}; a spec file or a name like resnet50 will do") from None
    if len(content) > MAX_FILE:
        raise NetError(f"{path}: larger than {MAX_FILE} bytes; a net's spec is a few lines of TOML")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise NetError(f"{path}: not a text file (UTF-8); a spec file is TOML") from None
    spec = from_toml(text, str(path))
    return spec if "name" in spec.model_fields_set else spec.with_options(name=path.stem[:80])


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
    longest = max(len(row.layer.name) for row in counts.rows)
    table.add_column("layer", no_wrap=True, min_width=longest)  # what tells rows apart is never cut off
    for heading in ("kind", "output"):
        table.add_column(heading, overflow="fold")
    for heading in ("parameters", "FLOPs"):
        table.add_column(heading, justify="right")
    for row in counts.rows:
        numbers = (exact(number) if number else "" for number in (row.parameters, row.flops))
        table.add_row(row.layer.name, row.layer.op.label(), show_shape(row.layer.shape), *numbers)
    console = Console(markup=False)  # a spec's name is text, whatever is in it
    console.print(table)
    console.print(
        f"{counts.weight_layers} weight layers · {exact(counts.parameters)} parameters · "
        f"{exact(counts.flops)} FLOPs ({short(counts.flops)})"
    )
    for claim in (flops_claim(spec, counts), parameters_claim(spec, counts)):
        if claim:
            reason = f": {claim.why}" if claim.why else ""
            printed = f"{claim.source} prints {claim.printed_number} {claim.what}"
            console.print(f"{printed}: {claim.verdict}{reason}", soft_wrap=True)
    console.print(CONVENTION, style="dim", soft_wrap=True)


def _train(specs: list[NetSpec], config: TrainConfig, folder: Path, device: str, *, quiet: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    for spec in specs:
        build(config.fitted(spec))  # what can't be built is said before torch is loaded
    console = Console(stderr=True, quiet=quiet, markup=False)  # standard output is the result's
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with console.status("preparing"):
        from resviz.session import Session

        session = Session(specs, config, folder, device)
    with session, Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task(" against ".join(spec.label for spec in specs), total=config.steps, rate="")
        try:
            for update in session.steps():
                rate = session.steps_per_second
                progress.update(task, completed=update.steps, rate=f"{rate:.1f} steps/s" if rate else "")
        except KeyboardInterrupt:
            console.print("stopped; the run is kept up to here")
        infos = session.close()
    runs = [
        {
            "id": info.id,
            "net": spec.name,
            "path": str(writer.folder),
            "steps": info.steps,
            "loss": info.loss,
            "error": info.error,
            "steps_per_second": info.steps_per_second,
        }
        for spec, writer, info in zip(specs, session.writers, infos, strict=True)
    ]
    if quiet:
        print_json({"runs": runs})
        return
    for run in runs:
        loss, error = (math.nan if run[key] is None else run[key] for key in ("loss", "error"))
        sys.stdout.write(
            f"{run['net']}: {run['steps']} steps, loss {loss:.4g} on the last batch, "
            f"{error:.1%} wrong on held-out images; kept in {run['path']}\n"
        )


def read_recipe(**values: Any) -> TrainConfig:
    """A recipe of these values. Raises NetError, in one line, where one is out of its range."""
    try:
        return TrainConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + ".".join(map(str, first["loc"])).replace("_", "-")
        raise NetError(f"{option} {first['input']}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def print_json(document: dict[str, Any]) -> None:
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


def fail(message: str) -> NoReturn:
    """One line on standard error, exit status 2."""
    sys.stderr.write("resviz: " + " ".join(message.split()) + "\n")
    raise SystemExit(2)


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × shows ?, and the numbers
    try:
        status = app(standalone_mode=False)
    except _usage_error() as error:
        fail(error.format_message().replace("Value error, ", ""))
    except ValueError as error:
        # NetError, and DataError, RunError, SessionError, whose rooms load slowly: known here by what they share.
        if type(error).__module__.partition(".")[0] != "resviz":
            raise
        fail(str(error))
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("resviz: stopped\n")
        raise SystemExit(130) from None
    except OSError as error:
        fail(f"{error.filename or 'output'}: {error.strerror or error}")
    raise SystemExit(status if isinstance(status, int) else 0)


def window() -> None:
    """The gui script: the window, whatever stands on the command line."""
    from resviz.gui.app import run

    raise SystemExit(run())


def _usage_error() -> Any:
    """What typer raises for a wrong command line: its own copy of click's ClickException, or click's, by version."""
    return next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
