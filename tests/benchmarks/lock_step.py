"""Two nets in lock-step: at once on two cores, against one after the other on one core and on two."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from resviz.experiments.lock_step import LockStep
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.training.data.images import load
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer
from tests.benchmarks.timing import Row, ms, paired

DUELS = (
    ("cifar-plain20", "cifar-resnet20", {"data": "digits16", "batch": 64}, "16×16, batch 64"),
    ("cifar-plain20", "cifar-resnet20", {"data": "digits", "batch": 128}, "32×32, batch 128"),
)


def rows() -> Iterator[Row]:
    for first, second, recipe, what in DUELS:
        config = TrainConfig.model_validate({**recipe, "steps": 1_000_000, "evaluate_every": 0})
        data = load(config.data, 0)
        trainers = [Trainer(build(config.fitted(catalogue.find(name))), config, data) for name in (first, second)]
        at_once, turns = LockStep(trainers, 2, 1), LockStep(trainers, 1, 1)
        both = f"{first} and {second} in lock-step, {what}"
        a, b, ratio = paired(_step(at_once, trainers, 1), _step(turns, trainers, 1))
        yield Row(f"{both}, at once on 2 cores", ms(a), f"{ratio:.2f} of {ms(b)} in turn on 1 core", "")
        a, b, ratio = paired(_step(at_once, trainers, 1), _step(turns, trainers, 2))
        yield Row(f"{both}, at once on 2 cores", ms(a), f"{ratio:.2f} of {ms(b)} in turn on 2 threads", "1")
        at_once.close()


def _step(lock_step: LockStep, trainers: list[Trainer], threads: int) -> Callable[[], None]:
    def step() -> None:
        torch.set_num_threads(threads)
        lock_step.step(range(len(trainers)))
        for trainer in trainers:
            trainer.drain()

    return step
