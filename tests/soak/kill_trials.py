"""Trainings that are killed at random: little is lost, and they go on bit for bit."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np

from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.nets import catalogue
from resviz.runs.folder import RunFolder
from resviz.training.recipe import TrainConfig
from tests.soak.trial import Attempt, Trial

STEPS = 400
_PATIENCE = 120


def _killed(folder: Path) -> Attempt:
    config = TrainConfig(data="digits16", batch=16, steps=STEPS, evaluate_every=50)
    with Session(TrainingPlan([catalogue.find("mlp5")], config, folder / "whole", threads=1)) as whole:
        list(whole.steps())
    right = RunFolder(whole.recording.writers[0].folder)
    rows, checkpoint = right.rows(), right.checkpoint()

    def attempt(chance: Random, folder: Path) -> str:
        out = folder / f"killed{chance.random()}"
        command = [sys.executable, "-m", "resviz", "train", "mlp5", "--data", "digits16", "--batch", "16"]
        command += ["--steps", str(STEPS), "--evaluate-every", "50", "--out", str(out)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + _PATIENCE
        while not list(out.glob("*/run.json")) and process.poll() is None:
            assert time.monotonic() < end, "no run began"
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 1.5))
        process.kill()
        process.wait()
        (path,) = (one.parent for one in out.glob("*/run.json"))
        found = RunFolder(path)
        if found.info.state == "finished":
            return "had finished"
        kept = len(found.rows()["step"]) if found.rows() else 0
        with Session(resume_plan([path])) as rest:
            list(rest.steps())
        again = RunFolder(path)
        assert all(np.array_equal(values, again.rows()[name], equal_nan=True) for name, values in rows.items())
        assert all(np.array_equal(tensor, again.checkpoint()[name]) for name, tensor in checkpoint.items())
        return "went on bit for bit" if kept else "began again bit for bit"

    return attempt


TRIALS = (Trial("a training killed and resumed", 100, _killed),)
