"""Weights that others trained: what is published, what is read, and what a training begins with."""

import hashlib
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models import get_model, get_model_weights

from resviz.base.errors import DataError
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.runs.folder import RunFolder
from resviz.training.data.images import ImageSet
from resviz.training.data.published_weights import kept_weights, published_weights, weights_folder
from resviz.training.modules import meta_module, to_module
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer
from resviz.training.weights import import_weights, load_weights
from tests.helpers.command_line import resviz

PUBLISHED = published_weights()
MLP = catalogue.find("mlp5")
CONFIG = TrainConfig(data="digits16", batch=32, steps=3)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))


def _torchvision_name(net: str) -> str:
    plain = net.removeprefix("torchvision-").removesuffix("-aux").replace("-", "_")
    return plain if plain in torchvision.models.list_models() else plain.replace("_bn", "_bn")


@pytest.mark.parametrize("known", PUBLISHED, ids=lambda known: known.name)
def test_what_is_published_is_what_torchvision_says(known: Any) -> None:
    found = get_model_weights(_torchvision_name(known.net))[known.version]
    assert known.file.url == found.url
    assert 100 - known.top1_error == pytest.approx(found.meta["_metrics"]["ImageNet-1K"]["acc@1"], abs=1e-6)


@pytest.mark.parametrize("net", sorted({known.net for known in PUBLISHED}))
def test_each_net_has_the_parameters_of_torchvisions_under_the_same_names(net: str) -> None:
    ours = meta_module(build(catalogue.find(net))).state_dict()
    more: dict[str, Any] = {"init_weights": False} if "googlenet" in net else {}
    with torch.device("meta"):
        theirs = get_model(_torchvision_name(net), weights=None, **more).state_dict()
    assert {key: value.shape for key, value in ours.items()} == {key: value.shape for key, value in theirs.items()}


def _net(seed: int = 0) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return to_module(build(CONFIG.fitted(MLP))).state_dict()


def _saved(path: Path, content: object, **options: bool) -> Path:
    torch.save(content, path, **options)
    return path


def _published(folder: Path, net: str = "torchvision-resnet18") -> Path:
    """torchvision's own net with drawn weights, in a file that is named as torch.hub names them."""
    torch.manual_seed(1)
    file = _saved(folder / "resnet.pth", get_model(_torchvision_name(net), weights=None).state_dict())
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return file.rename(folder / f"resnet18-{digest[:8]}.pth")


def norm_of(convolution: str) -> str:
    """The name of the batch normalization behind a convolution of torchvision's."""
    return convolution.replace("conv", "bn").replace("downsample.0", "downsample.1")


def test_torchvisions_file_makes_our_net_compute_what_torchvisions_does(tmp_path: Path) -> None:
    file = _published(tmp_path)
    name = import_weights(file)
    assert name == file.stem
    assert list(kept_weights()) == [name]
    graph = build(catalogue.find("torchvision-resnet18"))
    ours, theirs = to_module(graph), get_model("resnet18", weights=None)
    theirs.load_state_dict(torch.load(file, weights_only=True))
    load_weights(ours, graph, name)
    images = torch.randn(2, 3, 224, 224)
    assert torch.equal(ours.eval()(images), theirs.eval()(images))


def test_figure_7_of_torchvisions_weights_is_what_its_own_net_computes(tmp_path: Path) -> None:
    """Responses are what leaves the batch normalization behind each convolution, for the images of a batch."""
    torch.manual_seed(0)
    theirs = get_model("resnet18", weights=None)
    norms = [module for module in theirs.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        nn.init.uniform_(norm.weight, 0.1, 2.0)  # as if trained: drawn weights all have responses of 1
        nn.init.normal_(norm.bias)
    name = import_weights(_saved(tmp_path / "trained.pth", theirs.state_dict()))
    images, labels = torch.rand(4, 3, 64, 64), torch.tensor([0, 1, 2, 3])
    data = ImageSet(images, labels, images, labels, images.mean((0, 2, 3), keepdim=True)[0], 0.5)
    graph = build(catalogue.find("torchvision-resnet18").with_options(input=(3, 64, 64)))
    trainer = Trainer(graph, TrainConfig(batch=4, weights=name), data)
    trainer.load_weights(name)
    trainer.step()
    convolutions = [layer.op.kind == "conv" for layer in graph.weight_layers]

    left: dict[nn.Module, float] = {}
    for norm in norms:
        norm.register_forward_hook(
            lambda norm, _given, out: left.update({norm: float(out.detach().double().std(correction=0))})
        )
    theirs.train()(data.normalised(images))
    in_our_order = [left[theirs.get_submodule(norm_of(layer.name))] for layer in graph.weight_layers[:-1]]
    assert trainer.drain()["response"][0][convolutions] == pytest.approx(in_our_order, rel=1e-3)


@pytest.mark.parametrize(
    "save",
    [
        lambda folder, net: _saved(folder / "a.pth", net),
        lambda folder, net: _saved(folder / "a.pt", {"state_dict": net, "epoch": 3}),
        lambda folder, net: _saved(folder / "a.pth", {f"module.{key}": value for key, value in net.items()}),
        lambda folder, net: _saved(folder / "a.pth", net, _use_new_zipfile_serialization=False),
        lambda folder, net: save_file(net, folder / "a.safetensors") or folder / "a.safetensors",
        lambda folder, net: (
            save_file(
                {f"net.{key}": value for key, value in net.items()} | {"step": torch.tensor(3)},
                folder / "a.safetensors",
            )
            or folder / "a.safetensors"
        ),
    ],
    ids=["torch", "a training's checkpoint", "distributed", "torch before 1.6", "safetensors", "a run's checkpoint"],
)
def test_files_of_every_kind_are_read(tmp_path: Path, save: Callable[[Path, dict[str, Tensor]], Path]) -> None:
    net = _net()
    graph = build(CONFIG.fitted(MLP))
    module = to_module(graph)
    load_weights(module, graph, import_weights(save(tmp_path, net)))
    assert all(torch.equal(value, net[key]) for key, value in module.state_dict().items())


def test_a_training_begins_with_the_weights_and_is_resumed_without_them(tmp_path: Path) -> None:
    name = import_weights(_saved(tmp_path / "mine.pth", _net()))
    plan = TrainingPlan([MLP], CONFIG.model_copy(update={"weights": name, "learning_rate": 1e-30}), tmp_path / "runs")
    with Session(plan) as session:
        list(session.steps())
    run = RunFolder(session.recording.writers[0].folder)
    assert run.info.recipe["weights"] == name
    net = {f"net.{key}": value.numpy() for key, value in _net().items()}
    assert all((run.checkpoint()[key] == value).all() for key, value in net.items())
    (weights_folder() / f"{name}.safetensors").unlink()
    with Session(resume_plan([run.folder], steps=5)) as session:
        list(session.steps())
    assert RunFolder(run.folder).info.steps == 5


def test_a_last_layer_of_other_classes_keeps_the_weights_that_it_has(tmp_path: Path) -> None:
    net = _net()
    last = build(CONFIG.fitted(MLP)).output.name
    net[f"{last}.weight"], net[f"{last}.bias"] = torch.zeros(1000, 3), torch.zeros(1000)
    graph = build(CONFIG.fitted(MLP))
    module = to_module(graph)
    drawn = module.get_submodule(last).weight.clone()  # type: ignore[operator]
    load_weights(module, graph, import_weights(_saved(tmp_path / "other.pth", net)))
    assert torch.equal(module.get_submodule(last).weight, drawn)  # type: ignore[arg-type]
    first = graph.weight_layers[0].name
    assert torch.equal(module.get_submodule(first).weight, net[f"{first}.weight"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("net", "file_net", "says"),
    [
        (
            "resnet18",
            "resnet18",
            "have layer2.0.downsample.0.weight, and resnet18 has not. Build the net with shortcut B.",
        ),
        ("torchvision-resnet34", "resnet18", "has layer1.2.conv1.weight, and the weights"),
        ("torchvision-vgg11", "resnet18", "has features.0.weight"),
    ],
)
def test_weights_of_another_net_are_refused_with_the_first_that_differs(
    tmp_path: Path, net: str, file_net: str, says: str
) -> None:
    name = import_weights(_published(tmp_path, file_net))
    graph = build(catalogue.find(net))
    with pytest.raises(DataError, match=says.replace(".", r"\.")):
        load_weights(meta_module(graph), graph, name)


def test_weights_for_colour_images_ask_for_colour_images(tmp_path: Path) -> None:
    name = import_weights(_published(tmp_path))
    config = TrainConfig(data="digits", weights=name)
    with pytest.raises(DataError, match=r"conv1.weight is 64×1×7×7 in .*, and 64×3×7×7 .* Use data of 3 channels\."):
        Session(TrainingPlan([catalogue.find("torchvision-resnet18")], config, tmp_path / "runs"))
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


class _Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def _zipped(path: Path, source: Path, compression: int) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", compression) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return path


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    for name, options in (("new.pth", {}), ("old.pth", {"_use_new_zipfile_serialization": False})):
        with pytest.raises(DataError, match="no weights could be read"):
            import_weights(_saved(tmp_path / name, {"a": _Evil(tmp_path / "touched")}, **options))
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(_Evil(tmp_path / "touched")))
    with pytest.raises(DataError, match="no weights could be read"):
        import_weights(tmp_path / "plain.pth")
    assert not (tmp_path / "touched").exists()


@pytest.mark.filterwarnings("ignore:Validating sparse")
def test_what_is_no_set_of_finite_tensors_is_refused_in_one_line(tmp_path: Path) -> None:
    good = _net()
    key = next(iter(good))
    for content, says in (
        ([1, 2], "no named tensors"),
        ({}, "no named tensors"),
        ({"a": 3}, "a is no tensor"),
        ({1: torch.ones(2)}, "no named tensors"),
        (good | {key: torch.full_like(good[key], torch.nan)}, "not finite"),
        (good | {key: torch.ones(2, 2).to_sparse()}, "no tensor"),
    ):
        with pytest.raises(DataError, match=says) as found:
            import_weights(_saved(tmp_path / "a.pth", content))
        assert "\n" not in str(found.value)
    assert list(kept_weights()) == []


def test_a_file_that_is_not_there_is_said_with_what_would_do(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.pth", tmp_path):
        with pytest.raises(DataError, match=r"is not a file\. Choose weights \(\.pth"):
            import_weights(path)


def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    file = _saved(tmp_path / "resnet50-0676ba61.pth", _net())
    with pytest.raises(DataError, match="its name says 0676ba61"):
        import_weights(file)


def test_a_compressed_archive_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = _saved(tmp_path / "big.pth", {"a": torch.zeros(20_000_000)})
    small = _zipped(tmp_path / "small.pth", file, zipfile.ZIP_DEFLATED)
    assert small.stat().st_size < 1_000_000
    with pytest.raises(DataError, match="compressed"):
        import_weights(small)


def test_kept_weights_that_are_damaged_are_refused(tmp_path: Path) -> None:
    name = import_weights(_saved(tmp_path / "a.pth", _net()))
    path = weights_folder() / f"{name}.safetensors"
    whole = path.read_bytes()
    graph = build(CONFIG.fitted(MLP))
    header = whole.index(b"}}") + 2
    for place in (*range(9, header, 7), len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with pytest.raises(DataError, match="damaged"):
            load_weights(to_module(graph), graph, name)
    path.write_bytes(whole[:-3])
    with pytest.raises(DataError, match="damaged"):
        load_weights(to_module(graph), graph, name)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans(), old=st.booleans())
def test_a_damaged_file_is_read_or_refused_in_one_line(
    tmp_path: Path, place: float, bit: int, cut: bool, old: bool
) -> None:
    buffer = io.BytesIO()
    torch.save({"fc.weight": torch.ones(3, 2)}, buffer, _use_new_zipfile_serialization=not old)
    content = bytearray(buffer.getvalue())
    at = int(place * len(content))
    content[at] ^= 1 << bit
    path = tmp_path / "a.pth"
    path.write_bytes(content[:at] if cut else content)
    try:
        import_weights(path)
    except DataError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 600


def test_the_command_imports_lists_and_trains(tmp_path: Path) -> None:
    file = _saved(tmp_path / "mine.pth", _net())
    said = resviz("weights", str(file), check=True).stdout
    (name,) = kept_weights()
    assert name in said
    assert name in resviz("weights", check=True).stdout
    common = ("train", "mlp5", "--data", "digits16", "--steps", "1", "--out", str(tmp_path / "runs"))
    resviz(*common, "--weights", name, check=True)
    refused = resviz(*common, "--weights", "nothing-00000000")
    assert refused.returncode == 2
    assert "Import the file with `resviz weights FILE`" in refused.stderr
    assert resviz("weights", "resnet51").returncode == 2
    refused = resviz(*common, "--weights", "../mine")
    assert refused.returncode == 2
