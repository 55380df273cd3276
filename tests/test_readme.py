"""What the README says is so."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from resviz.analysis.counts import count
from resviz.gui.graph.layout import lay_out
from resviz.nets import build as net_builder
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import from_toml
from resviz.training.data.images import load
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 10_000, picture


def test_its_spec_file_is_a_net() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    graph = build(from_toml(text))
    assert len(graph.weight_layers) == 16
    assert count(graph).flops > 0


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:resviz|tests|nets|training|resources)/[\w/.]+)`", README)))
)
def test_every_file_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "resviz" / path).exists()


def test_the_names_it_lists_are_known() -> None:
    for name in ("resnet18", "plain34", "vgg16c", "cifar-resnet1202", "cifar-plain20", "torchvision-resnet50"):
        assert catalogue.find(name).name == name


def test_the_python_versions_are_those_of_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "Python 3.11 to 3.13" in README
    assert project["requires-python"] == ">=3.11"


def test_its_block_is_counted_drawn_and_trained_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"<!-- block example -->\n```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.setattr(net_builder, "UNITS", dict(net_builder.UNITS))  # type: ignore[attr-defined]  # what the example adds is taken away again
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    graph = names["net"]
    module = to_module(graph)
    assert sum(parameter.numel() for parameter in module.parameters()) == count(graph).parameters
    assert graph["layer1.0.concat1"].shape[0] == 32
    assert not lay_out(graph).arcs
    spec = catalogue.find("cifar-resnet20").model_copy(update={"unit": "dense"})
    config = TrainConfig(data="digits16", steps=2, batch=8, evaluate_every=0)
    small = build.build(spec.model_copy(update={"input": (1, 16, 16)}))  # type: ignore[attr-defined]
    trainer = Trainer(small, config, load("digits16", 0))
    assert [*trainer.steps()] == [1, 2]
