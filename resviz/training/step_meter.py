"""What one step of a watched training measures: a row of gradients, updates and responses of a stranger's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from resviz.measurements.axes import AXES
from resviz.measurements.quantities import (
    ACTIVATION_MEAN,
    CLIPPED_GRADIENT,
    RESPONSE,
    RESPONSE_GRADIENT,
    SATURATION,
    UPDATE_RATIO,
    WEIGHT_GRADIENT,
)
from resviz.measurements.scalars import DEVICE_SCALARS
from resviz.training.activation_hooks import ActivationHooks
from resviz.training.recorder import Recorder
from resviz.training.slice_probe import SliceProbe
from resviz.training.watch_probes import ResponseHooks
from resviz.training.weight_meter import WeightMeter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from resviz.measurements.quantity import Quantity
    from resviz.measurements.rows import Rows
    from resviz.training.activation_hooks import Nonlinearity
    from resviz.training.watch_places import Place
    from resviz.training.watch_probes import Guard

Measured = dict[str, np.ndarray]
"""For each quantity which layers had a value in a row, (layer,): NaN is a value, where it was measured."""


class StepMeter:
    """Measures row after row, and keeps them until they are drained."""

    def __init__(
        self, places: Sequence[Place], nonlinearities: Sequence[Nonlinearity], *, responses: bool, clipped: bool
    ) -> None:
        """Prepare rows of these places.

        Args:
            places: The modules with weights.
            nonlinearities: Those whose outputs are measured too, beside the responses.
            responses: Whether rows have responses and their gradients.
            clipped: Whether rows have the gradients behind clipping.
        """
        self.places = tuple(places)
        self.nonlinearities = tuple(nonlinearities if responses else ())
        self.quantities: tuple[Quantity, ...] = (
            *(WEIGHT_GRADIENT, UPDATE_RATIO),
            *((CLIPPED_GRADIENT,) if clipped else ()),
            *((RESPONSE, RESPONSE_GRADIENT) if responses else ()),
            *((SATURATION, ACTIVATION_MEAN) if self.nonlinearities else ()),
        )
        self.device = places[0].weights[0].device
        sizes = {**dict.fromkeys(AXES, 0), "layer": len(places), "activation": len(self.nonlinearities)}
        self._recorder = Recorder(sizes, self.quantities, self.device)
        self._weights = WeightMeter(self.places, self._recorder)
        self._responses: ResponseHooks | SliceProbe | None = None
        self._activations: ActivationHooks | None = None
        self._has_gradient: list[bool] = []
        self._measured: list[Measured] = []

    def attach(self, model: nn.Module, compiled: nn.Module | None, guard: Guard) -> None:
        """Measure responses too: by hooks, or of a compiled model by a slice. `guard` keeps errors of hooks away."""
        self._responses = (
            ResponseHooks(model, self.places, self._recorder, guard)
            if compiled is None
            else SliceProbe(compiled, model, self.places, self._recorder)
        )
        if self.nonlinearities:
            self._activations = ActivationHooks(model, self.nonlinearities, self._recorder, guard)

    def remove(self) -> None:
        """Take the hooks away."""
        for hooks in (self._responses, self._activations):
            if hooks is not None:
                hooks.remove()

    @property
    def place_names(self) -> dict[str, list[str]]:
        """The names of the places of each quantity."""
        names = {"layer": [one.name for one in self.places], "activation": [one.name for one in self.nonlinearities]}
        return {quantity.name: names[quantity.axis] for quantity in self.quantities}

    @property
    def is_full(self) -> bool:
        """Whether rows have to be drained before there is room for another one."""
        return self._recorder.is_full

    def begin_pass(self) -> None:
        """Begin a forward pass: of several calls of one module the first is measured."""
        if isinstance(self._responses, ResponseHooks):
            self._responses.begin_pass()
        if self._activations is not None:
            self._activations.begin_pass()

    def measure(self, loss: Tensor | float | None, error: Tensor | float | None, scale: Tensor | float) -> bool:
        """Write the row's gradients. Return whether any weight has one.

        Args:
            loss: The mean loss of the batch, None if it is not known.
            error: The share of wrong answers, None if it is not known.
            scale: What the gradients of the weights are multiplied by.
        """
        self._has_gradient = self._weights.write_gradients(scale)
        for name, value in zip(DEVICE_SCALARS, (loss, error), strict=True):
            if value is not None:
                self._recorder.write(name, 0, value.detach() if isinstance(value, Tensor) else value)
        return any(self._has_gradient)

    def note_loss(self, loss: Tensor | float) -> None:
        """Write the row's loss."""
        self._recorder.write(DEVICE_SCALARS[0], 0, loss.detach() if isinstance(loss, Tensor) else loss)

    def finish_responses(self, loss_scale: Tensor | float) -> list[str] | None:
        """Divide the response gradients by a loss scale. Return the places that had none, None if none is measured."""
        if self._responses is None:
            return None
        if isinstance(self._responses, SliceProbe):
            self._responses.measure()
        if isinstance(loss_scale, Tensor) or loss_scale != 1:
            gradients = self._recorder.of(RESPONSE_GRADIENT.name)
            gradients /= loss_scale
        return [place.name for at, place in enumerate(self.places) if at not in self._responses.fired]

    @property
    def taken_away(self) -> list[str]:
        """Places whose hooks somebody else has taken away."""
        gone = self._responses.taken_away() if isinstance(self._responses, ResponseHooks) else []
        return [self.places[index].name for index in gone]

    def before_update(self) -> None:
        """Copy the weights, before an update."""
        self._weights.before_update()

    def measure_clipped(self, scale: Tensor | float) -> None:
        """Write the gradients that an optimizer is given."""
        self._weights.write_gradients(scale, clipped=True)

    def measure_update(self) -> None:
        """Write what the update did to the weights, if it was not written yet."""
        self._weights.after_update()

    def finish_row(self, step: int, **known: float) -> None:
        """End the row; `known` are the scalars that the host knows."""
        self.measure_update()
        fired = self._responses.fired if self._responses is not None else set()
        written = self._responses.written if self._responses is not None else set()
        count = range(len(self.places))
        self._measured.append(
            {
                WEIGHT_GRADIENT.name: np.array(self._has_gradient or [False] * len(self.places)),
                RESPONSE.name: np.array([at in written for at in count]),
                RESPONSE_GRADIENT.name: np.array([at in fired for at in count]),
            }
        )
        self._recorder.finish_row(step, **known)

    def begin_row(self, active: bool) -> None:
        """Forget what the row has. If it is not active, nothing is measured until the next one."""
        self._recorder.begin_row()
        self._has_gradient = []
        if self._responses is not None:
            self._responses.begin_row()
            self._responses.active = active
        if self._activations is not None:
            self._activations.active = active

    def drain(self) -> tuple[Rows, list[Measured]]:
        """Return the finished rows, with what was measured in each of them, and forget them."""
        measured, self._measured = self._measured, []
        return self._recorder.drain(), measured
