"""Makes the sample runs that come with the program: `python -m resviz.samples FOLDER`.

Real runs of a few seconds each: plain-20 against ResNet-20 on the digits, without and with batch normalisation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from resviz.nets import catalogue
from resviz.session import Session
from resviz.training.recipe import TrainConfig

STEPS = 120
NORMS = ("none", "batch")


def make(folder: Path, steps: int = STEPS) -> None:
    """Trains and writes the runs. Their checkpoints are left out: a sample is looked at, not resumed."""
    for norm in NORMS:
        nets = [catalogue.find(name).with_options(norm=norm) for name in ("cifar-plain20", "cifar-resnet20")]
        recipe = TrainConfig(data="digits16", batch=64, steps=steps, init="torch")
        with Session(nets, recipe, folder) as session:
            for _ in session.steps():
                pass
            session.close()
        for writer in session.writers:
            (writer.folder / "checkpoint.safetensors").unlink()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    make(parser.parse_args().folder)
