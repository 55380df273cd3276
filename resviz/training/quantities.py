"""What is measured at every step, step 0 included: name, unit, formula and source of each quantity.

A row of step k is measured on the weights after k updates. `probes` measures what is said here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """Something measured for each weight layer at each step."""

    name: str
    title: str
    axis: str
    """The axis label of a plot."""
    formula: str
    source: str


WEIGHT_GRADIENT = Quantity(
    "weight_gradient",
    "gradient of the weights",
    "norm of ∂L/∂W",
    "L2 norm over all entries of dL/dW, L the mean loss of the batch, without weight decay and biases",
    'the quantity of "Deep Residual Learning", section 4.1: the norms of the backward propagated gradients',
)
RESPONSE_GRADIENT = Quantity(
    "response_gradient",
    "gradient of the response",
    "norm of ∂ℓ/∂y, a sample",
    "root mean square over the batch's samples of the L2 norm of dl/dy, y one sample's response and l its loss, "
    "the losses of a batch summed: sqrt(B) times the L2 norm of dL/dy with L their mean and B samples",
    'what eq. 5 of "Identity Mappings in Deep Residual Networks" (arXiv 1603.05027) is about',
)
RESPONSE = Quantity(
    "response",
    "response",
    "std of the response",
    "standard deviation, over batch, channels and places, of a weight layer's output after its normalisation and "
    "before any nonlinearity or addition",
    '"Deep Residual Learning", figure 7',
)
QUANTITIES = (WEIGHT_GRADIENT, RESPONSE_GRADIENT, RESPONSE)

HOST_SCALARS = ("learning_rate", "held_out_loss", "held_out_error")
"""Known to the host anyway, so never copied from the device."""
SCALARS = ("loss", "error", *HOST_SCALARS)
"""One number a step: mean cross-entropy in nats and share of wrong answers, of the batch and (where measured, else NaN)
of the held-out images; the learning rate of the step's update."""
