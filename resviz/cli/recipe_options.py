"""Command line options made from the fields of TrainConfig: a new field of a recipe is an option at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any, get_origin

import typer

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.cli.arguments import read_recipe
from resviz.training.recipe import TrainConfig
from resviz.training.recipe_presets import find_preset, presets

_PRESET, _CONTEXT = "preset", "context"


def recipe_options(
    fields: Iterable[str] | None = None, *, model: type[TrainConfig] = TrainConfig, **defaults: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each of these fields, and pass their recipe as its argument `config`.

    A field's option has its type, its default (or that of `defaults`) and its description. A field of several numbers
    is written with commas between them. With all fields there is also the option --preset.
    """
    names = list(model.model_fields if fields is None else fields)
    initial = model(**defaults)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            preset, context = given.pop(_PRESET, ""), given.pop(_CONTEXT, None)
            recipe = {name: _from_text(model, name, given.pop(name)) for name in names}
            if preset:
                values = find_preset(preset).values
                recipe |= {name: value for name, value in values.items() if not _was_given(context, name)}
            command(**given, config=read_recipe(model, **defaults | recipe))

        own = [part for part in inspect.signature(command, eval_str=True).parameters.values() if part.name != "config"]
        options = [
            *(_preset_options() if fields is None else ()),
            *(_option(model, name, getattr(initial, name)) for name in names),
        ]
        arguments = [part.replace(kind=inspect.Parameter.KEYWORD_ONLY) for part in own]
        split = next((place for place, part in enumerate(arguments) if part.name != "nets"), 0)
        parameters = [*arguments[:split], *options, *arguments[split:]]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {part.name: part.annotation for part in parameters}
        return run

    return decorate


def _was_given(context: typer.Context, name: str) -> bool:
    """Return whether an option was given on the command line, also if its value is the default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _preset_options() -> list[inspect.Parameter]:
    text = _("Recipe of a paper: {names}. Other options change it.").format(names=", ".join(presets()))
    only = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(_CONTEXT, only, annotation=typer.Context),
        inspect.Parameter(_PRESET, only, default="", annotation=Annotated[str, typer.Option(help=text)]),
    ]


def _option(model: type[TrainConfig], name: str, default: Any) -> inspect.Parameter:
    field = model.model_fields[name]
    several = get_origin(field.annotation) is tuple
    kind: Any = str if several else field.annotation
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=",".join(map(str, default)) if several else default,
        annotation=Annotated[kind, typer.Option(help=field.description)],
    )


def _from_text(model: type[TrainConfig], name: str, value: Any) -> Any:
    """Read a field of several numbers. Raise UsageError if that is not possible."""
    if get_origin(model.model_fields[name].annotation) is not tuple:
        return value
    try:
        return tuple(int(part) for part in value.split(",") if part.strip())
    except ValueError:
        option = name.replace("_", "-")
        raise UsageError(
            _("--{option} {value} is not valid. Write steps separated by commas, like 32000,48000.").format(
                option=option, value=value
            )
        ) from None
