"""A small net in Lightning's trainer, watched: three lines are Resviz's."""

import lightning.pytorch as pl
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from resviz.integrations.lightning import Watch


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))

    def training_step(self, batch, _index):
        images, labels = batch
        return functional.cross_entropy(self.body(images), labels)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


data = DataLoader(TensorDataset(torch.rand(256, 1, 8, 8), torch.randint(10, (256,))), batch_size=32)
trainer = pl.Trainer(max_epochs=2, callbacks=[Watch(title="lightning")], logger=False, enable_checkpointing=False)
trainer.fit(Net(), data)
