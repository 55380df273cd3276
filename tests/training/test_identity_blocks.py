"""An identity block that is added to a trained net changes nothing of what the net computes."""

from typing import Any

import pytest
import torch

from resviz.base.errors import NetError
from resviz.experiments.ablation import error_when_deeper
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.training.data.images import load
from resviz.training.identity_blocks import deepened
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

CONFIG = TrainConfig(data="digits16", batch=32, steps=8, learning_rate=0.05, init="torch", evaluate_every=0)
NETS: list[tuple[str, dict[str, Any]]] = [
    ("cifar-plain20", {}),
    ("cifar-plain20", {"norm": "none"}),
    ("cifar-plain20", {"norm": "none", "bias": True}),
    ("cifar-resnet20", {}),
    ("cifar-resnet20", {"shortcut": "B", "norm": "none"}),
    ("cifar-resnet20", {"norm_place": "addition"}),
    ("cifar-resnet20", {"shortcut": "C"}),
    ("cifar-resnet20", {"activation_place": "before", "activation": "tanh"}),
    ("cifar-preresnet20", {"activation": "leaky_relu"}),
    ("cifar-preresnet20", {"shortcut": "B"}),
]


def trained(net: str, options: dict[str, Any]) -> tuple[NetSpec, Trainer]:
    spec = CONFIG.fitted(catalogue.find(net).with_options(**options))
    trainer = Trainer(build(spec), CONFIG, load(CONFIG.data, CONFIG.seed))
    for _ in range(CONFIG.steps):
        trainer.step()
    return spec, trainer


@pytest.mark.parametrize(("net", "options"), NETS)
def test_the_deeper_net_computes_what_the_other_does(net: str, options: dict[str, Any]) -> None:
    spec, trainer = trained(net, options)
    deeper, state = deepened(spec, trainer.module.state_dict(), 2)
    assert len(build(deeper).weight_layers) == len(trainer.graph.weight_layers) + 2 * 2 * 3
    module = to_module(build(deeper))
    module.load_state_dict(state)
    images = trainer.prepared(trainer.data.held_out_images[:50])
    with torch.no_grad():
        expected, found = trainer.module.eval()(images), module.eval()(images)
    assert float((found - expected).abs().max()) < 1e-4 * max(1.0, float(expected.abs().max()))
    assert error_when_deeper(trainer, spec) == trainer.evaluate()[1]


def test_an_added_residual_block_is_an_identity_in_training_too_and_a_plain_one_is_not() -> None:
    differences = []
    for net in ("cifar-plain20", "cifar-resnet20"):
        spec, trainer = trained(net, {})
        deeper, state = deepened(spec, trainer.module.state_dict())
        module = to_module(build(deeper))
        module.load_state_dict(state)
        images = trainer.prepared(trainer.data.images[:64])
        plain = to_module(trainer.graph)
        plain.load_state_dict(trainer.module.state_dict())
        with torch.no_grad():
            expected, found = plain.train()(images), module.train()(images)
        differences.append(float((found - expected).abs().max() / expected.abs().max()))
    assert differences[1] < 1e-5 < 0.05 < differences[0]


@pytest.mark.parametrize(
    ("net", "options", "words"),
    [
        ("cifar-plain20", {"activation": "tanh"}, "tanh changes what passes a block"),
        ("cifar-resnet20", {"activation": "leaky_relu"}, "Use ReLU"),
        ("cifar-highway20", {}, "only plain and residual nets"),
        ("googlenet", {}, "only plain and residual nets"),
        ("mlp5", {}, "only plain and residual nets"),
        ("cifar-preresnet20", {"shortcut": "C"}, "Use A or B"),
        ("vgg11", {}, "not in blocks that can be added"),
    ],
)
def test_where_no_block_can_be_an_identity_it_is_said(net: str, options: dict[str, Any], words: str) -> None:
    spec = catalogue.find(net).with_options(**options)
    with pytest.raises(NetError, match=words):
        deepened(spec, {})
