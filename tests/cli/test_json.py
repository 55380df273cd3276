"""What commands print with --json is what docs/json.md says, no field more and none less."""

import json
from pathlib import Path

import pytest

from resviz.cli.json_documents import (
    Check,
    Compare,
    CompareNets,
    Data,
    Document,
    Explain,
    Export,
    Import,
    Nets,
    Runs,
    Show,
    Sweep,
    Table,
    Train,
    Weights,
    json_page,
)
from resviz.runs.library import sample_folder
from tests.helpers.command_line import resviz

DOCS = Path(__file__).parents[2] / "docs"
SAMPLES = [str(path) for path in sorted(sample_folder().iterdir()) if (path / "run.json").exists()][:2]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("show", "resnet34"), Show),
        (("show", "mlp5"), Show),
        (("show", "googlenet-aux", "--batch", "8"), Show),
        (("nets", "resnet"), Nets),
        (("check",), Check),
        (("train", "mlp5", "--data", "digits16", "--steps", "2"), Train),
        (("compare", *SAMPLES), Compare),
        (("compare", "resnet18", "plain18"), CompareNets),
        (("compare", *SAMPLES, "--table", "own"), Table),
        (("explain", "gradient"), Explain),
        (("explain",), Explain),
        (("data",), Data),
        (("weights",), Weights),
        (("sweep", "mlp5", "--data", "digits16", "--steps", "2", "--processes", "1"), Sweep),
    ],
)
def test_a_command_prints_the_document_that_is_described(
    tmp_path: Path, arguments: tuple[str, ...], kind: type[Document]
) -> None:
    out = ("--out", str(tmp_path)) if arguments[0] in ("train", "sweep") else ()
    done = resviz(*arguments, *out, "--json", check=True)
    kind.model_validate(json.loads(done.stdout))


@pytest.mark.slow
def test_counters_that_check_are_described(tmp_path: Path) -> None:
    done = resviz("show", "lenet5", "--cross-check", "--json", check=True)
    checks = Show.model_validate(json.loads(done.stdout)).cross_check
    assert checks
    assert all(one.agrees for one in checks)


def test_runs_of_every_kind_are_described(tmp_path: Path) -> None:
    curves = tmp_path / "curves.csv"
    curves.write_text("step,loss\n0,1\n")
    imported = resviz("import", str(curves), "--out", str(tmp_path / "runs"), "--json", check=True)
    Import.model_validate(json.loads(imported.stdout))
    for folder in (tmp_path / "runs", sample_folder()):
        Runs.model_validate(json.loads(resviz("runs", "--folder", str(folder), "--json", check=True).stdout))
    written = resviz("export", "lenet5", "--to", "toml", "--out", str(tmp_path / "a.toml"), "--json", check=True)
    Export.model_validate(json.loads(written.stdout))


def test_show_has_all_that_the_layer_table_has() -> None:
    found = Show.model_validate(json.loads(resviz("show", "resnet34", "--json", check=True).stdout))
    assert found.receptive_field is not None
    assert (found.receptive_field.layer, found.receptive_field.size) == ("layer4.2.conv2", [899, 899])
    by_name = {layer.name: layer for layer in found.layers}
    conv = by_name["layer2.0.conv1"]
    assert (conv.stage, conv.block, conv.output) == ("conv3_x", "layer2.0", [128, 28, 28])
    assert (conv.activations, conv.activation_bytes) == (128 * 28 * 28, 4 * 128 * 28 * 28)
    assert conv.receptive_field is not None
    assert conv.receptive_field.stride == [8, 8]
    assert found.activations == sum(layer.activations for layer in found.layers)


def test_the_page_of_the_docs_is_made_of_the_declarations() -> None:
    page = (DOCS / "json.md").read_text(encoding="utf-8")
    assert page == json_page(), "write it anew: python -m tests.helpers.json_page"
