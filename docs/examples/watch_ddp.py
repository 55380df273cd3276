"""Several processes train one net: torchrun --nproc-per-node 2 watch_ddp.py. The first process writes the run."""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

import resviz

torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
rank = torch.distributed.get_rank()
device = torch.device("cuda", rank % torch.cuda.device_count()) if torch.cuda.is_available() else torch.device("cpu")
model = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10))
trained = DistributedDataParallel(model.to(device))
optimizer = torch.optim.SGD(trained.parameters(), lr=0.1)
with resviz.watch(trained, optimizer=optimizer, title="ddp") as watch:
    for _step in range(20):
        images, labels = torch.rand(16, 1, 8, 8, device=device), torch.randint(10, (16,), device=device)
        loss = functional.cross_entropy(trained(images), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()
torch.distributed.destroy_process_group()
