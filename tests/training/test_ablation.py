"""A net without a block is the net that was built without it; all paths together carry the whole gradient."""

import json
from collections import Counter
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import torch

from resviz.base.errors import RunError
from resviz.cli.json_documents import Ablate
from resviz.experiments.ablation import error_when_deeper
from resviz.experiments.trained_nets import load_state, load_trained
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.runs.folder import RunFolder
from resviz.training.ablation import ablate, gradient_along, path_gradients
from resviz.training.data.images import load
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer
from tests.helpers.command_line import resviz

CONFIG = TrainConfig(data="digits16", batch=32, steps=12, learning_rate=0.05, init="he", evaluate_every=0)
SMALL = {"stages": ["[3x3,16; 3x3,16] x2", "[3x3,32; 3x3,32] x2"]}
Options = dict[str, Any]


def trained(net: str, options: Options | None = None, steps: int = 12) -> Trainer:
    spec = CONFIG.fitted(catalogue.find(net).with_options(**{**SMALL, **(options or {})}))
    trainer = Trainer(build(spec), CONFIG, load(CONFIG.data, CONFIG.seed))
    for _ in range(steps):
        trainer.step()
    return trainer


@pytest.mark.parametrize("options", [{}, {"shortcut": "B"}, {"norm": "none"}, {"unit": "preactivation"}])
def test_a_residual_block_is_skipped_where_its_last_operation_gives_zeros(options: Options) -> None:
    trainer = trained("cifar-resnet20", options)
    found = list(ablate(trainer))
    assert [one.block for one in found] == ["layer1.0", "layer1.1", "layer2.0", "layer2.1"]
    state = {name: value.clone() for name, value in trainer.module.state_dict().items()}
    residual = {block.name: block.residual for block in trainer.graph.residual_blocks}
    for one in found:
        for name, value in trainer.module.state_dict().items():
            value.copy_(state[name])
            if name.startswith(f"{residual[one.block]}.") and not name.endswith(
                ("running_mean", "running_var", "tracked")
            ):
                value.zero_()
        assert trainer.evaluate()[1] == one.skipped == one.zeroed


def test_a_plain_block_is_skipped_as_in_the_net_that_was_built_without_it() -> None:
    trainer = trained("cifar-plain20")
    found = {one.block: one for one in ablate(trainer)}
    assert found["layer2.0"].skipped is None, "it halves the map"
    shorter = CONFIG.fitted(
        catalogue.find("cifar-plain20").with_options(stages=["[3x3,16; 3x3,16] x1", "[3x3,32; 3x3,32] x2"])
    )
    other = Trainer(build(shorter), CONFIG, load(CONFIG.data, CONFIG.seed))
    own = trainer.module.state_dict()
    for name, value in other.module.state_dict().items():
        value.copy_(own[name])
    assert found["layer1.1"].skipped == other.evaluate()[1]
    kept = {
        name.replace("layer1.1", "layer1.0"): value for name, value in own.items() if not name.startswith("layer1.0")
    }
    for name, value in other.module.state_dict().items():
        value.copy_(kept[name])
    assert found["layer1.0"].skipped == other.evaluate()[1]


def test_with_all_weights_at_0_a_highway_block_is_half_of_x_and_a_closed_gate_is_x() -> None:
    trainer = trained("cifar-highway20", {"stages": ["[3x3,16; 3x3,16] x2"]})
    found = {one.block: one for one in ablate(trainer)}
    own = trainer.module.state_dict()
    state = {name: value.clone() for name, value in own.items()}
    for name, value in own.items():
        if name.startswith("layer1.1."):
            value.zero_()
    assert found["layer1.1"].zeroed == trainer.evaluate()[1]
    for name, value in own.items():
        value.copy_(state[name])
        if name.startswith("layer1.1.gate"):
            value.fill_(-1e4 if name.endswith("bias") else 0)
    assert found["layer1.1"].skipped == trainer.evaluate()[1]


@pytest.mark.slow
@pytest.mark.parametrize("net", ["fcn32s-vgg16", "faster-rcnn-resnet101"])
def test_nets_that_answer_more_than_once_are_ablated_without_paths(net: str) -> None:
    config = CONFIG.model_copy(update={"data": "digits", "batch": 8})
    small = {"stages": ["[3x3,8; 3x3,8] x1", "[3x3,16; 3x3,16] x1"]} if "rcnn" in net else {}
    spec = config.fitted(catalogue.find(net).with_options(input="1x32x32", **small))
    trainer = Trainer(build(spec), config, load("digits", 0))
    assert list(path_gradients(trainer)) == []
    assert error_when_deeper(trainer, spec) is None


def test_looking_into_a_net_changes_nothing_of_it() -> None:
    trainer, other = trained("cifar-resnet20"), trained("cifar-resnet20")
    list(ablate(trainer))
    list(path_gradients(trainer, images=8, samples=1))
    assert trainer.evaluate() == other.evaluate()
    for one in (trainer, other):
        one.step()
    for (name, value), expected in zip(trainer.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(value, expected), name


@pytest.mark.parametrize("options", [{}, {"shortcut": "C"}, {"unit": "preactivation"}])
def test_the_gradients_along_all_paths_add_up_to_the_gradient(options: Options) -> None:
    """Equation 5, multiplied out: with n blocks into 2^n terms."""
    trainer = trained("cifar-resnet20", options)
    blocks = range(len(trainer.graph.residual_blocks))
    paths = chain.from_iterable(combinations(blocks, length) for length in range(len(blocks) + 1))
    total = sum(gradient_along(trainer, frozenset(path), 16).double() for path in paths)
    whole = gradient_along(trainer, None, 16).double()
    assert isinstance(total, torch.Tensor)
    assert float(whole.norm()) > 0
    assert float((total - whole).norm() / whole.norm()) < 1e-5


def test_resnet_20_has_512_paths_of_the_lengths_that_networkx_finds() -> None:
    trainer = trained("cifar-resnet20", {"stages": catalogue.find("cifar-resnet20").stages}, steps=0)
    counted = {one.length: one.paths for one in path_gradients(trainer, images=2, samples=1)}
    graph = trainer.graph
    blocks = {layer.name: layer.block for layer in graph.layers if layer.counts_as_depth}
    paths = nx.all_simple_paths(graph.to_networkx(), graph.residual_blocks[0].source, graph.residual_blocks[-1].total)
    lengths = Counter(len({blocks[name] for name in path[1:] if blocks.get(name)}) for path in paths)
    assert counted == lengths
    assert sum(counted.values()) == 2**9


def test_a_net_without_shortcuts_has_no_paths_to_choose_from() -> None:
    assert list(path_gradients(trained("cifar-plain20", steps=0))) == []


@pytest.fixture
def run(tmp_path: Path) -> Path:
    done = resviz(
        *("train", "cifar-resnet20", "--data", "digits16", "--steps", "3", "--batch", "16", "--out", str(tmp_path)),
        check=True,
    )
    assert done
    (folder,) = (path for path in tmp_path.iterdir() if (path / "run.json").exists())
    return folder


def test_a_saved_runs_net_has_the_error_that_the_run_ended_with(run: Path) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    assert load_trained(RunFolder(run)).evaluate()[1] == RunFolder(run).info.error
    done = resviz("ablate", str(run), "--paths", "--json", check=True)
    document = Ablate.model_validate(json.loads(done.stdout))
    assert document.error == document.deeper == RunFolder(run).info.error
    assert [one.block for one in document.blocks] == [f"layer{stage}.{n}" for stage in (1, 2, 3) for n in range(3)]
    assert [one.paths for one in document.paths] == [1, 9, 36, 84, 126, 126, 84, 36, 9, 1]
    table = resviz("ablate", str(run), check=True).stdout
    assert f"held-out error of the whole net: {document.error:.2%}" in table
    assert f"with an identity block more in each stage: {document.error:.2%}" in table
    assert "layer3.2" in table
    assert before == {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}, "nothing is written"


def test_a_run_without_weights_says_so(run: Path) -> None:
    (run / "checkpoint.safetensors").unlink()
    with pytest.raises(RunError, match="has no checkpoint, and so no weights"):
        load_trained(RunFolder(run))
    refused = resviz("ablate", str(run))
    assert refused.returncode == 2
    assert "has no checkpoint" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_checkpoint_of_another_net_is_refused(run: Path) -> None:
    spec = NetSpec.model_validate(RunFolder(run).info.spec)
    trainer = Trainer(build(spec.with_options(shortcut="C")), CONFIG, load("digits16", 0))
    tensors = {name: torch.from_numpy(value) for name, value in RunFolder(run).checkpoint().items()}
    with pytest.raises(RunError, match="belongs to another net"):
        load_state(trainer, tensors, run)


def test_a_lengths_gradient_is_the_mean_of_the_paths_that_were_drawn() -> None:
    trainer = trained("cifar-resnet20")
    blocks = len(trainer.graph.residual_blocks)
    found = list(path_gradients(trainer, images=16, samples=200))
    assert [one.length for one in found] == list(range(blocks + 1))

    def norm(path: tuple[int, ...]) -> float:
        gradient = gradient_along(trainer, frozenset(path), 16).double()
        return float(gradient.flatten(1).norm(dim=1).square().mean().sqrt())

    of_one = [norm((block,)) for block in range(blocks)]
    assert min(of_one) <= found[1].norm <= max(of_one)
    assert found[1].norm == pytest.approx(sum(of_one) / blocks, rel=0.1)
    assert found[0].norm == pytest.approx(norm(()), rel=1e-5)
