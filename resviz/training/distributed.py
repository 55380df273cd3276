"""One training on several processes: each has a part of every batch, and what is measured is that of the whole batch.

The loss that is descended is the whole batch's mean: each process's share of it is weighted by its share of the
samples, and gradients are summed over the processes. Batch normalisation's statistics are the whole batch's, too. So a
step computes what one process would with all of the batch, but for the order of its sums.

`torchrun` starts the processes, and its environment says who is who. The first keeps the run's folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from typing_extensions import override

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.measurements.quantities import SAMPLES
from resviz.measurements.scalars import DEVICE_SCALARS
from resviz.training.probes import MeasuringBatchNorm
from resviz.training.process_environment import world

if TYPE_CHECKING:
    from resviz.training.recorder import Recorder

PATIENCE = timedelta(days=1)
"""How long a process waits for the others: as long as one of them may wait for room on its disk. One that has died is
noticed at once."""


@dataclass(frozen=True)
class ProcessRank:
    """Which of how many processes this is."""

    rank: int = 0
    world: int = 1

    @property
    def is_distributed(self) -> bool:
        """Whether more than one process trains the net."""
        return self.world > 1

    def part(self, count: int) -> slice:
        """Return this process's part of a batch: one slice, of the same size as the others or larger by one."""
        size, larger = divmod(count, self.world)
        start = self.rank * size + min(self.rank, larger)
        return slice(start, start + size + (self.rank < larger))

    def check(self, batch: int) -> None:
        """Raise DataError where the first process would not have the samples that some quantities are measured of."""
        if self.is_distributed and batch // self.world < SAMPLES:
            raise DataError(
                _(
                    "batch: {batch} gives each of {world} processes {part} samples, but measurements need "
                    "{samples}. Use {least} or more, or fewer processes."
                ).format(
                    batch=batch, part=batch // self.world, world=self.world, samples=SAMPLES, least=SAMPLES * self.world
                )
            )


SINGLE_PROCESS = ProcessRank()


def join(device: torch.device) -> ProcessRank:
    """Join the training that torchrun started this process for. Without torchrun train alone."""
    if world() < 2:
        return SINGLE_PROCESS
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    return ProcessRank(dist.get_rank(), dist.get_world_size())


def leave_group() -> None:
    """Leave the process group, if this process has joined one."""
    if dist.is_initialized():
        dist.destroy_process_group()


def parallel(module: nn.Module) -> DistributedDataParallel:
    """Return the module with its gradients summed over all processes."""
    wrapped = DistributedDataParallel(module)
    wrapped.register_comm_hook(None, _sum)
    return wrapped


def _sum(state, bucket):  # type: ignore[no-untyped-def]  # DDP compares annotations, and ours are strings
    """DDP's own hook takes the mean, which is wrong where the parts are not equally large."""
    work = dist.all_reduce(bucket.buffer(), async_op=True)
    assert work is not None
    return work.get_future().then(lambda done: done.value()[0])


class _AllReduce(torch.autograd.Function):
    """The sum over all processes; backward too, since each one's loss depends on every one's part."""

    @staticmethod
    @override
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    @override
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        dist.all_reduce(total)
        return total


class SharedBatchNorm(MeasuringBatchNorm):
    """Batch normalisation by the statistics of the whole batch. torch has one of its own, for GPUs alone."""

    samples = 0
    """Of the whole batch."""

    @override
    def forward(self, x: Tensor) -> Tensor:
        """x: (sample, channel, height, width) or (sample, channel), the samples that this process has."""
        if not self.training:
            return super().forward(x)
        assert self.momentum is not None
        places = x.shape[2:]
        count, others = self.samples * places.numel(), (0, *range(2, x.dim()))
        channels = (-1, *(1 for _ in places))  # how numbers of the channels stand beside x
        values = x.float()  # statistics of bfloat16 would have two digits
        mean = _all_reduce(values.sum(others)) / count
        centred = values - mean.view(channels)
        variance = _all_reduce(centred.square().sum(others)) / count
        inverse = torch.rsqrt(variance + self.eps)
        with torch.no_grad():
            assert self.num_batches_tracked is not None
            assert self.running_mean is not None
            assert self.running_var is not None
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / max(count - 1, 1)), self.momentum)
        on_cpu = x.device.type == "cpu"  # elsewhere each response is measured by itself
        self.inverse = inverse.detach() if on_cpu else None
        self.knows_its_output = on_cpu and float(inverse.detach().max()) ** 2 * self.eps < 0.99
        out = centred * (inverse * self.weight).view(channels) + self.bias.view(channels)
        return out.to(x.dtype)


def _all_reduce(x: Tensor) -> Tensor:
    total: Tensor = _AllReduce.apply(x)
    return total


def share_row(recorder: Recorder, own: int, batch: int, stop: bool) -> bool:
    """Combine what each process measured on its `own` samples into the row of the whole `batch`.

    The declaration of each quantity says how its parts are combined. Return whether any process wants to stop.
    """
    share = own / batch
    means = [recorder.of(name) for name in (*DEVICE_SCALARS, *recorder.combined("mean"))]
    norms = [recorder.of(name) for name in recorder.combined("root of squares")]
    deviations = [(recorder.of(name), recorder.means[name]) for name in recorder.combined("deviation")]
    # A place whose statistics are the whole batch's already has no mean of its own.
    local = [mean.isfinite() for _, mean in deviations]
    parts = [
        *(part.double() * share for part in means),
        *(part.double().square() for part in norms),
        *(
            torch.where(own_part, (part.double().square() + mean.square()) * share, 0.0)
            for (part, mean), own_part in zip(deviations, local, strict=True)
        ),
        *(torch.where(own_part, mean * share, 0.0) for (_, mean), own_part in zip(deviations, local, strict=True)),
        torch.full((1,), float(stop), dtype=torch.float64, device=means[0].device),
    ]
    total = torch.cat(parts)
    dist.all_reduce(total)
    summed = iter(torch.split(total, [len(part) for part in parts]))
    for part in means:
        part.copy_(next(summed))
    for part in norms:
        part.copy_(next(summed).sqrt())
    moments = [next(summed) for _ in deviations]
    for (part, _total), own_part, moment in zip(deviations, local, moments, strict=True):
        deviation = (moment - next(summed).square()).clamp_min(0).sqrt()
        part.copy_(torch.where(own_part, deviation, part.double()))
    return bool(next(summed).item())


def sums(*values: float, device: torch.device) -> list[float]:
    """Return the sum of each value over all processes."""
    total = torch.tensor(values, dtype=torch.float64, device=device)
    dist.all_reduce(total)
    found: list[float] = total.tolist()
    return found
