"""Callbacks for trainers of other libraries, each with the real library and a real small training."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from resviz.experiments.watch import WatchWarning
from resviz.runs.folder import RunFolder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
STEPS = 6


@pytest.fixture(autouse=True)
def _no_warnings() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=WatchWarning)
        yield


def run_of(folder: Path) -> RunFolder:
    (run,) = folder.iterdir()
    return RunFolder(run)


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
@pytest.mark.parametrize("accumulated", [1, 2])
def test_lightning(package: str, accumulated: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pl = pytest.importorskip(package)
    if package == "pytorch_lightning":
        monkeypatch.setitem(sys.modules, "lightning.pytorch", None)
    monkeypatch.delitem(sys.modules, "resviz.integrations.lightning", raising=False)
    callback = importlib.import_module("resviz.integrations.lightning")

    class Net(pl.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))

        def training_step(self, batch: tuple[Tensor, Tensor], _index: int) -> Tensor:
            return functional.cross_entropy(self.body(batch[0]), batch[1])

        def validation_step(self, batch: tuple[Tensor, Tensor], _index: int) -> None:
            self.log("val_loss", functional.cross_entropy(self.body(batch[0]), batch[1]))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), 0.1)

    torch.manual_seed(0)
    data = DataLoader(TensorDataset(torch.rand(STEPS * 4, 6), torch.randint(3, (STEPS * 4,))), 4)
    watch = callback.Watch(tmp_path / "runs", title="mine")
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        callbacks=[watch],
        accumulate_grad_batches=accumulated,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        **quiet,
    )
    trainer.fit(Net(), data, data)
    run = run_of(tmp_path / "runs")
    rows = run.rows()
    assert list(rows["step"]) == list(range(STEPS // accumulated))
    assert [place.name for place in run.layers.layers] == ["body.0", "body.2"]
    for name in ("weight_gradient", "response_gradient", "update_ratio", "loss", "learning_rate"):
        assert np.isfinite(rows[name]).all(), name
        assert (rows[name] > 0).all(), name
    assert np.isfinite(rows["held_out_loss"][-1])
    assert run.info.state == "finished"


def test_transformers(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from resviz.integrations.transformers import Watch

    config = transformers.BertConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, vocab_size=30
    )
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(config)
    examples = [{"input_ids": torch.randint(30, (8,)), "labels": torch.tensor(number % 2)} for number in range(24)]
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path / "out"),
        per_device_train_batch_size=4,
        num_train_epochs=1,
        use_cpu=True,
        report_to=[],
        logging_steps=1,
        disable_tqdm=True,
        save_strategy="no",
    )
    watch = Watch(tmp_path / "runs")
    transformers.Trainer(model=model, args=arguments, train_dataset=examples, callbacks=[watch]).train()
    run = run_of(tmp_path / "runs")
    rows = run.rows()
    assert list(rows["step"]) == list(range(6))
    names = [place.name for place in run.layers.layers]
    assert names[0] == "bert.embeddings.word_embeddings"
    assert names[-1] == "classifier"
    for name in ("weight_gradient", "response_gradient", "update_ratio"):
        assert np.isfinite(rows[name][:, names.index("classifier")]).all(), name
    assert np.isfinite(rows["loss"]).all()


def test_ignite(tmp_path: Path) -> None:
    engine = pytest.importorskip("ignite.engine")
    from resviz.integrations.ignite import Watch

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    trainer = engine.create_supervised_trainer(model, optimizer, functional.cross_entropy)
    Watch(model, tmp_path / "runs", optimizer=optimizer, title="mine").attach(trainer)
    data = DataLoader(TensorDataset(torch.rand(STEPS * 4, 6), torch.randint(3, (STEPS * 4,))), 4)
    trainer.run(data, max_epochs=2)
    run = run_of(tmp_path / "runs")
    rows = run.rows()
    assert (run.info.state, list(rows["step"])) == ("finished", list(range(2 * STEPS)))
    for name in ("weight_gradient", "response_gradient", "update_ratio", "loss", "learning_rate"):
        assert np.isfinite(rows[name]).all(), name
        assert (rows[name] > 0).all(), name


def test_what_raises_in_ignite_ends_the_run_and_goes_on(tmp_path: Path) -> None:
    engine = pytest.importorskip("ignite.engine")
    from resviz.integrations.ignite import Watch

    model = nn.Sequential(nn.Linear(6, 3))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def train(trainer: Any, batch: tuple[Tensor, Tensor]) -> float:
        if trainer.state.iteration == 3:
            raise ValueError("no more")
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss.item()

    trainer = engine.Engine(train)
    Watch(model, tmp_path / "runs", optimizer=optimizer).attach(trainer)
    with pytest.raises(ValueError, match="no more"):
        trainer.run(DataLoader(TensorDataset(torch.rand(20, 6), torch.randint(3, (20,))), 4))
    run = run_of(tmp_path / "runs")
    assert (run.info.state, len(run.rows()["step"])) == ("failed", 2)
    assert np.isfinite(run.rows()["loss"]).all()


@pytest.mark.parametrize(
    ("module", "hidden", "says"),
    [
        ("ignite", ["ignite"], "pip install pytorch-ignite"),
        ("lightning", ["lightning", "pytorch_lightning"], "pip install lightning"),
        ("transformers", ["transformers"], "pip install transformers accelerate"),
    ],
)
def test_without_its_package_an_integration_says_what_to_install(module: str, hidden: list[str], says: str) -> None:
    code = f"import sys\nfor name in {hidden}: sys.modules[name] = None\nimport resviz.integrations.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode
    assert says in done.stderr.splitlines()[-1]
