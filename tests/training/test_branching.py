"""Nets with several outputs, several ways or an answer at each place train as their papers say."""

import pytest
import torch
from torch.nn import functional

from resviz.base.errors import DataError
from resviz.measurements.quantities import AUXILIARY_LOSS
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.training import modules
from resviz.training.data.images import load
from resviz.training.data.pixel_labels import labelled_densely
from resviz.training.drop_path import GLOBAL_SHARE, DropPath
from resviz.training.initialization import bilinear
from resviz.training.modules import to_module
from resviz.training.objectives import AUXILIARY_WEIGHT
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

pytestmark = pytest.mark.slow

SMALL = TrainConfig(data="digits", batch=8, steps=4, evaluate_every=0)


def trainer(graph: Graph, config: TrainConfig = SMALL, probes: bool = True) -> Trainer:
    return Trainer(graph, config, load(config.data, config.seed), probes=probes)


def fitted(name: str, config: TrainConfig = SMALL, **options: object) -> Graph:
    return build(config.fitted(catalogue.find(name)).with_options(**options))


def test_what_is_descended_is_the_loss_and_three_tenths_of_each_auxiliary_one() -> None:
    graph = fitted("torchvision-googlenet-aux", head="average pool")
    ours = trainer(graph)
    slow = to_module(graph).train()
    slow.load_state_dict({key: value for key, value in ours.module.state_dict().items() if key in slow.state_dict()})
    for module in [*ours.module.modules(), *slow.modules()]:
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    images, labels = ours._batches.at(0)
    outputs = slow(images)
    losses = [functional.cross_entropy(output, labels) for output in outputs]
    (losses[0] + AUXILIARY_WEIGHT * (losses[1] + losses[2])).backward()
    losses = [loss.detach() for loss in losses]
    ours.step()
    rows = ours.drain()
    assert rows["loss"][0] == pytest.approx(float(losses[0]), rel=1e-5)
    assert rows[AUXILIARY_LOSS.name][0] == pytest.approx([float(loss) for loss in losses[1:]], rel=1e-5)
    shared = slow.get_submodule("conv1.conv").weight.grad
    place = [layer.name for layer in graph.weight_layers].index("conv1.conv")
    assert rows["weight_gradient"][0, place] == pytest.approx(float(shared.norm()), rel=1e-3)  # type: ignore[operator, union-attr]


def test_a_fractal_computes_the_recursion_of_its_paper() -> None:
    graph = fitted("cifar-fractalnet20", columns=3)
    module = to_module(graph).double().eval()
    layer = module.get_submodule

    def convolution(z: torch.Tensor, number: str) -> torch.Tensor:
        made = layer(f"layer1.0.conv{number}")(z)
        return torch.relu(layer(f"layer1.0.bn{number}")(made))

    z = torch.randn(2, 1, 32, 32, dtype=torch.float64)
    first = torch.stack([convolution(z, "2_1"), convolution(convolution(z, "3_1"), "3_2")]).mean(0)
    second = [convolution(first, "2_2"), convolution(convolution(first, "3_3"), "3_4")]
    expected = torch.stack([convolution(z, "1_1"), *second]).mean(0)
    got: list[torch.Tensor] = []
    layer("layer1.0.join2").register_forward_hook(lambda _, __, out: got.append(out))
    module(z)
    assert torch.allclose(got[0], expected, atol=1e-12)


def test_drop_path_trains_one_column_or_leaves_some_out_but_never_all() -> None:
    graph = fitted("cifar-fractalnet20")
    paths = DropPath(graph, to_module(graph), seed=0)
    joins = [layer.op for layer in graph.layers if layer.op.kind == "mean"]
    widths = [len(join.columns) for join in joins]  # type: ignore[attr-defined]
    whole = 0
    for step in range(200):
        shares = paths.at(step).split(widths)
        assert all(float(one.sum()) == pytest.approx(1) for one in shares)
        last = [one for one, width in zip(shares, widths, strict=True) if width == max(widths)]
        whole += all(sorted(one.tolist()) == [0, 0, 1] and torch.equal(one, last[0]) for one in last)
        assert torch.equal(paths.at(step), paths.at(step)), "a function of the seed and the step"
    assert abs(whole / 200 - GLOBAL_SHARE) < 0.15


def test_a_steps_shares_reach_the_joins_and_evaluation_takes_the_mean() -> None:
    graph = fitted("cifar-fractalnet20")
    used = trainer(graph)
    used.step()
    join = used.module.get_submodule("layer1.0.join2")
    assert isinstance(join, modules.Join)
    assert torch.equal(
        torch.cat([m.shares for m in used.module.modules() if isinstance(m, modules.Join)]), used._paths.at(0)
    )
    columns = [torch.full((1,), float(value)) for value in (1, 2, 6)]
    assert float(join.eval()(*columns)) == 3


def test_a_column_that_a_step_leaves_out_has_no_gradient() -> None:
    graph = fitted("cifar-fractalnet20")
    used = trainer(graph)
    used.step()
    row = used.drain()["weight_gradient"][0]
    convolutions = [layer.name for layer in graph.weight_layers]
    shares = used._paths.at(0).tolist()[2:5]  # of the first block's last join
    for column, share in enumerate(shares, 1):
        gradient = row[convolutions.index(f"layer1.0.conv{column}_1")]
        assert (gradient > 0) == (share > 0) or column > 1  # an inner join may leave a deeper column out


def test_a_dense_label_says_which_pixel_is_ink_of_which_digit() -> None:
    data = load("digits16", 0)
    dense = labelled_densely(data)
    assert dense.labels.shape == (len(data.labels), 16, 16)
    image, labels = data.images[0, 0], dense.labels[0]
    assert set(labels.unique().tolist()) == {0, int(data.labels[0]) + 1}
    assert bool((labels[image > data.images.max() * 0.51] == int(data.labels[0]) + 1).all())


def test_a_fully_convolutional_net_learns_the_digits_ink() -> None:
    config = SMALL.model_copy(update={"data": "digits16", "steps": 120, "batch": 32, "learning_rate": 0.05})
    stages = [f"[3x3,{width}; 3x3,{width}] x1" for width in (16, 32, 64)]
    spec = catalogue.find("cifar-resnet20").with_options(stages=stages, head="FCN-2s")
    used = trainer(build(config.fitted(spec)), config)
    for _ in used.steps():
        if used.is_full:
            used.drain()
    ink = float((used._data.held_out_labels > 0).float().mean())
    assert used.evaluate()[1] < ink / 3, "who answers background everywhere is wrong at all of the ink"


def test_augmentation_and_colours_are_refused_where_each_pixel_has_a_label() -> None:
    graph = fitted("cifar-resnet20", head="FCN-2s")
    with pytest.raises(DataError, match="augmentation: it moves the objects"):
        trainer(graph, SMALL.model_copy(update={"augmentation": "crop-flip"}))
    data = load("digits16", 0)
    colour = type(data)(**(vars(data) | {"images": data.images.repeat(1, 3, 1, 1)}))
    with pytest.raises(DataError, match="needs grey images"):
        labelled_densely(colour)


def test_learned_upsampling_starts_as_bilinear_interpolation() -> None:
    weight = bilinear(torch.empty(2, 2, 4, 4))
    x = torch.rand(1, 2, 9, 9)
    ours = functional.conv_transpose2d(x, weight, stride=2, padding=1)
    theirs = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    assert torch.allclose(ours[..., 2:-2, 2:-2], theirs[..., 2:-2, 2:-2], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("lenet5", "digits"),
        ("alexnet-2groups", "digits72"),
        ("zfnet", "digits72"),
        ("vgg11-lrn", "digits"),
        ("torchvision-googlenet", "digits"),
        ("resnet50-d", "digits"),
        ("resnext50-32x4d", "digits"),
        ("wide-resnet50-2", "digits"),
        ("preresnet18", "digits"),
        ("prelu-net-a", "digits"),
        ("fcn16s-resnet101", "digits"),
        ("faster-rcnn-resnet101", "digits"),
    ],
)
def test_every_family_trains_on_the_digits(name: str, data: str) -> None:
    config = SMALL.model_copy(update={"data": data, "batch": 2, "learning_rate": 1e-3})
    used = trainer(fitted(name, config), config)
    used.step()
    rows = used.drain()
    assert bool(rows["loss"][0] > 0)
    assert bool((rows["weight_gradient"][0] > 0).any())
    assert not bool(torch.tensor(rows["update_ratio"]).isnan().any())


@pytest.mark.parametrize("name", ["googlenet-aux", "cifar-fractalnet20", "cifar-resnet20-relu-only", "highway-mlp10"])
def test_a_resumed_run_goes_on_bit_by_bit(name: str) -> None:
    graph = fitted(name)
    before, after = trainer(graph), trainer(graph)
    for _ in range(2):
        before.step()
    after.load_state_dict(before.state_dict())
    before.step()
    after.step()
    assert before.drain()["loss"][-1] == after.drain()["loss"][-1]
    for key, value in before.module.state_dict().items():
        assert torch.equal(value, after.module.state_dict()[key]), key
