"""`resviz nets`: the nets that have a name."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json, print_table


def nets(
    words: Annotated[
        list[str] | None, typer.Argument(help=_("List only nets whose names contain all of these words."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the nets that have a name, with their layers, parameters and FLOPs."""
    from resviz.analysis.counts import count, short
    from resviz.nets import catalogue
    from resviz.nets.build import build

    specs = [catalogue.find(name) for name in catalogue.names()]
    wanted = [word.lower() for word in words or ()]
    listed = [spec for spec in specs if all(word in f"{spec.name} {spec.label}".lower() for word in wanted)]
    counts = [count(build(spec)) for spec in listed]
    if as_json:
        print_json(
            {
                "nets": [
                    {
                        "name": spec.name,
                        "title": spec.label,
                        "weight_layers": found.weight_layers,
                        "params": found.parameters,
                        "flops": found.flops,
                    }
                    for spec, found in zip(listed, counts, strict=True)
                ]
            }
        )
        return
    rows = [
        (spec.name, spec.label, str(found.weight_layers), short(found.parameters), short(found.flops))
        for spec, found in zip(listed, counts, strict=True)
    ]
    print_table(("name", _("net"), _("layers"), _("parameters"), "FLOPs"), rows, right=(2, 3, 4))
    sys.stdout.write(
        _("Other depths have names too, like cifar-resnet38 or mlp7. FLOPs are multiply-adds for one image.") + "\n"
    )
