"""What a bug report needs to know: versions, device, folders, and whether the engine counts and trains. No Qt."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import resviz
from resviz.base.settings import settings_folder
from resviz.base.translation import _, language
from resviz.runs.library import default_folder

_PACKAGES = ("torch", "PySide6-Essentials", "pyqtgraph", "numpy", "pydantic", "pyarrow")


def system_information() -> dict[str, str]:
    """Return versions, system and folders, by what they are. Loads no torch."""
    return {
        "Resviz": resviz.__version__,
        "Python": f"{platform.python_version()} ({sys.executable})",
        _("System"): platform.platform(),
        _("Processors"): str(os.cpu_count()),
        _("Language"): language(),
        **{name: _version(name) for name in _PACKAGES},
        _("Folder of runs"): _folder(default_folder()),
        _("Folder of settings"): _folder(settings_folder()),
    }


def device_information() -> dict[str, str]:
    """Return the devices that torch finds. Loads torch."""
    import torch

    from resviz.experiments.devices import gpu_problem

    found = {_("Threads of torch"): str(torch.get_num_threads())}
    if not torch.cuda.is_available():
        return {**found, "GPU": _("none that torch can use")}
    problem = gpu_problem()
    gpu = _("fails: {reason}").format(reason=problem) if problem else torch.cuda.get_device_name()
    return {**found, "GPU": gpu}


def self_test(seconds: float = 2.0) -> dict[str, str]:
    """Count ResNet-34, and train ResNet-20 for some seconds on the digits. Return what came out, by what was done."""
    from resviz.analysis.counts import count, exact
    from resviz.experiments.session import Session
    from resviz.experiments.training_plan import TrainingPlan
    from resviz.nets import catalogue
    from resviz.nets.build import build
    from resviz.training.recipe import TrainConfig

    found = {_("FLOPs of ResNet-34"): exact(count(build(catalogue.find("resnet34"))).flops)}
    config = TrainConfig.model_validate({"data": "digits16", "batch": 32, "steps": 1000, "evaluate_every": 0})
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with Session(TrainingPlan([catalogue.find("cifar-resnet20")], config, Path(folder))) as session:
            for _update in session.steps():
                if time.monotonic() - began > seconds:
                    break
            steps = str(session.counts[0])
        found[_("Steps of ResNet-20 on {device}").format(device=session.device)] = steps
    return found


def as_text(information: dict[str, str]) -> str:
    """Return information as lines, ready for a bug report."""
    width = max(map(len, information))
    return "\n".join(f"{name:<{width}}  {text}" for name, text in information.items())


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return _("not installed")


def _folder(path: Path) -> str:
    there = path if path.exists() else next(parent for parent in path.parents if parent.exists())
    return str(path) if os.access(there, os.W_OK) else _("{folder} (can't be written)").format(folder=path)
