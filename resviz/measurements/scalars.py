"""The scalars of a run: one number a step. Declared once; recorder, run folder, views and imports read them here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.base.translation import N_


@dataclass(frozen=True)
class Scalar:
    """One number for each step.

    `origin` says where the number comes from. "batch": it is computed with the step. "held out": it is measured on the
    held-out images every few steps, and is NaN in between. "recipe": it follows from the recipe.
    """

    name: str
    label: str
    origin: Literal["batch", "held out", "recipe"]
    kind: Literal["loss", "error", "rate"]

    @property
    def on_device(self) -> bool:
        """Whether the number is computed on the device; the host knows the others anyway."""
        return self.origin == "batch"


LOSS = Scalar("loss", N_("cross-entropy (nats)"), "batch", "loss")
ERROR = Scalar("error", N_("share of wrong answers"), "batch", "error")
LEARNING_RATE = Scalar("learning_rate", N_("learning rate"), "recipe", "rate")
HELD_OUT_LOSS = Scalar("held_out_loss", N_("held out (nats)"), "held out", "loss")
HELD_OUT_ERROR = Scalar("held_out_error", N_("wrong answers, held out"), "held out", "error")
SCALARS = {scalar.name: scalar for scalar in (LOSS, ERROR, LEARNING_RATE, HELD_OUT_LOSS, HELD_OUT_ERROR)}
"""Mean cross-entropy in nats and share of wrong answers, of the batch and of the held-out images; the learning rate of
the step's update."""
DEVICE_SCALARS = tuple(name for name, scalar in SCALARS.items() if scalar.on_device)
HOST_SCALARS = tuple(name for name, scalar in SCALARS.items() if not scalar.on_device)
