"""What is measured at every step, step 0 included: name, unit, formula and source of each quantity.

A row of step k is measured on the weights after k updates. `probes` measures what is said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Axis = Literal["layer", "activation", "block", "auxiliary"]
"""What a quantity has a value for: each weight layer, each nonlinearity, each residual block or each auxiliary
classifier, from the input on."""

SAMPLES = 8
"""The first samples of the batch, on which what is said to be "of 8 samples" is measured; all if there are fewer."""

BINS = 20
"""Of an activation histogram."""
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""The least and the largest output of the kinds of nonlinearity that have two ends: a histogram's too."""
HISTOGRAM_RANGE = (-1.0, 4.0)
"""In root mean squares: a histogram's of the kinds that have none."""
MAX_HISTOGRAMS = 64
"""A net of more nonlinearities has no histograms: they would be most of the run."""


@dataclass(frozen=True)
class Quantity:
    """Something measured for each place of its axis at each step."""

    name: str
    title: str
    label: str
    """Of a plot's axis."""
    formula: str
    source: str
    axis: Axis = "layer"
    values: int = 1
    """How many numbers it has for each place."""
    log: bool = True
    """Whether it is looked at on a log scale."""


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
    "norm of ∂ℓ/∂y, per sample",
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
UPDATE_RATIO = Quantity(
    "update_ratio",
    "update ratio",
    "|ΔW| / |W|",
    "L2 norm of the step's change of the weights over the L2 norm of the weights before it; about 0.001 is usual",
    "Bottou 2015 and the CS231n notes, Neural Networks Part 3, ratio of weights and updates",
)
SATURATION = Quantity(
    "saturation",
    "saturation",
    "share saturated",
    "share of a nonlinearity's outputs, of 8 samples, at 0 (ReLU; of its leaky kinds: below 0) or within 1.5% of the "
    "range's ends: beyond 0.97 of tanh's ±1, below 0.015 or above 0.985 of sigmoid",
    "Glorot and Bengio 2010, section 3",
    "activation",
    log=False,
)
ACTIVATION_MEAN = Quantity(
    "activation_mean",
    "mean activation",
    "mean of the output",
    "mean of a nonlinearity's outputs, of 8 samples; of a highway's gate: how open it is",
    'Glorot and Bengio 2010, figure 2; "Highway Networks" (arXiv 1505.00387), figure 2',
    "activation",
    log=False,
)
HISTOGRAM = Quantity(
    "activation_histogram",
    "activation histogram",
    "share of the outputs",
    "shares of a nonlinearity's outputs, of 8 samples, in 20 equal bins: sigmoid from 0 to 1, tanh from -1 to 1, the "
    "others from -1 to 4 root mean squares, what lies beyond in the outer bins",
    "Glorot and Bengio 2010, figures 2 to 4",
    "activation",
    BINS,
    log=False,
)
SHORTCUT_GRADIENT = Quantity(
    "shortcut_gradient",
    "gradient through the shortcut",
    "norm of ∂ℓ/∂x",
    "eq. 5's first term at a block: the gradient that reaches its input x by the shortcut, root mean square over 8 "
    "samples of the L2 norm of dl/dx",
    '"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
    "block",
)
RESIDUAL_GRADIENT = Quantity(
    "residual_gradient",
    "gradient through F",
    "norm of ∂ℓ/∂x",
    "eq. 5's second term at a block: the gradient that reaches its input x through F, measured as the first",
    '"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
    "block",
)
GRADIENT_COSINE = Quantity(
    "gradient_cosine",
    "cosine of the two terms",
    "cosine",
    "cosine of the angle between the two terms of eq. 5, over 8 samples: 1 where they agree, -1 where they cancel",
    '"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
    "block",
    log=False,
)
RESIDUAL_SHARE = Quantity(
    "residual_share",
    "|F(x)| / |x|",
    "|F(x)| / |x|",
    "L2 norm of a block's residual function over that of what its shortcut adds, of 8 samples",
    '"Deep Residual Learning", section 4.2, "Analysis of Layer Responses"',
    "block",
)
AUXILIARY_LOSS = Quantity(
    "auxiliary_loss",
    "loss of the further outputs",
    "loss",
    "mean cross-entropy of an auxiliary classifier's answers on the batch, of which 0.3 is added to what is descended; "
    "of a detector: its proposals' cross-entropy and box loss, and its regions' box loss",
    '"Going Deeper with Convolutions" (arXiv 1409.4842), section 5; "Faster R-CNN" (arXiv 1506.01497), eq. 1',
    "auxiliary",
    log=False,
)
QUANTITIES = (
    WEIGHT_GRADIENT,
    RESPONSE_GRADIENT,
    RESPONSE,
    UPDATE_RATIO,
    SATURATION,
    ACTIVATION_MEAN,
    HISTOGRAM,
    SHORTCUT_GRADIENT,
    RESIDUAL_GRADIENT,
    GRADIENT_COSINE,
    RESIDUAL_SHARE,
    AUXILIARY_LOSS,
)

HOST_SCALARS = ("learning_rate", "held_out_loss", "held_out_error")
"""Known to the host anyway, so never copied from the device."""
DEVICE_SCALARS = ("loss", "error")
SCALARS = (*DEVICE_SCALARS, *HOST_SCALARS)
"""One number a step: mean cross-entropy in nats and share of wrong answers, of the batch and (where measured, else NaN)
of the held-out images; the learning rate of the step's update."""
