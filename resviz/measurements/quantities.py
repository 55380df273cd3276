"""The quantities that Resviz measures at every step, step 0 included: name, unit, formula and source of each.

A row of step k is measured on the weights after k updates. `training.probes` measures them.
"""

from __future__ import annotations

from resviz.base.translation import N_
from resviz.measurements.quantity import DECLARED, STORED_FIELDS, Quantity, declare

SAMPLES = 8
"""The first samples of the batch, on which the quantities "of 8 samples" are measured; all if there are fewer."""

BINS = 20
"""Bins of an activation histogram."""
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""The smallest and the largest output of the nonlinearities that have two ends; also a histogram's range."""
HISTOGRAM_RANGE = (-1.0, 4.0)
"""A histogram's range, in root mean squares, for nonlinearities without two ends."""
MAX_HISTOGRAMS = 64
"""A net with more nonlinearities has no histograms: they would be most of the run."""

WEIGHT_GRADIENT = declare(
    Quantity(
        name="weight_gradient",
        title=N_("gradient of the weights"),
        label=N_("norm of ∂L/∂W"),
        formula=(
            N_(
                "L2 norm of dL/dW over all entries; L is the mean loss of the batch, without weight decay; "
                "biases are left out"
            )
        ),
        source=(N_('"Deep Residual Learning", section 4.1: the norms of the backward propagated gradients')),
        backward=True,
    )
)
CLIPPED_GRADIENT = declare(
    Quantity(
        name="clipped_gradient",
        title=N_("clipped gradient of the weights"),
        label=N_("norm of ∂L/∂W, clipped"),
        formula=(
            N_(
                "L2 norm over all entries of the gradient that the optimizer is given, after clipping; measured in "
                "watched trainings, where that is asked for"
            )
        ),
        source=N_("Pascanu, Mikolov and Bengio 2013, section 3.2: clipping the norm of the gradients"),
        backward=True,
        watched_only=True,
    )
)
RESPONSE_GRADIENT = declare(
    Quantity(
        name="response_gradient",
        title=N_("gradient of the response"),
        label=N_("norm of ∂ℓ/∂y, per sample"),
        formula=(
            N_(
                "L2 norm of dl/dy for a sample's response y and its own loss l, as root mean square over the "
                "batch: sqrt(B) times the L2 norm of dL/dy, with L the mean loss of B samples"
            )
        ),
        source=N_('"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5'),
        combination="root of squares",
        backward=True,
    )
)
RESPONSE = declare(
    Quantity(
        name="response",
        title="response",
        label=N_("std of response"),
        formula=(
            N_(
                "standard deviation, over batch, channels and places, of a weight layer's output after its "
                "normalization and before any nonlinearity or addition"
            )
        ),
        source='"Deep Residual Learning", figure 7',
        combination="deviation",
    )
)
UPDATE_RATIO = declare(
    Quantity(
        name="update_ratio",
        title=N_("update ratio"),
        label="|ΔW| / |W|",
        formula=(
            N_(
                "L2 norm of what a step changed in the weights, divided by their L2 norm before; 0 if the update was "
                "too small to change them; about 0.001 is usual"
            )
        ),
        source=N_("Bottou 2015; CS231n notes, Neural Networks Part 3: ratio of weights and updates"),
        level=(1e-3, "usual"),
    )
)
SATURATION = declare(
    Quantity(
        name="saturation",
        title="saturation",
        label=N_("saturated share"),
        formula=(
            N_(
                "share of a nonlinearity's outputs, in 8 samples, that are at 0 (ReLU), at or below 0 (leaky ReLU) "
                "or within 1.5% of the ends of the range: beyond 0.97 of tanh's ±1, below 0.015 or above 0.985 "
                "of the sigmoid"
            )
        ),
        source="Glorot and Bengio 2010, section 3",
        axis="activation",
        log=False,
        span=(0.0, 1.0),
    )
)
ACTIVATION_MEAN = declare(
    Quantity(
        name="activation_mean",
        title=N_("mean activation"),
        label=N_("mean of the output"),
        formula=N_("mean of a nonlinearity's outputs in 8 samples; for a highway's gate, how far it is open"),
        source='Glorot and Bengio 2010, figure 2; "Highway Networks" (arXiv 1505.00387), figure 2',
        axis="activation",
        log=False,
    )
)
HISTOGRAM = declare(
    Quantity(
        name="activation_histogram",
        title=N_("activation histogram"),
        label=N_("share of the outputs"),
        formula=(
            N_(
                "shares of a nonlinearity's outputs, in 8 samples, in 20 equal bins: sigmoid from 0 to 1, tanh "
                "from -1 to 1, others from -1 to 4 root mean squares; the outer bins include what lies beyond"
            )
        ),
        source="Glorot and Bengio 2010, figures 2 to 4",
        axis="activation",
        values=BINS,
        log=False,
        sparse=True,
        max_places=MAX_HISTOGRAMS,
    )
)
SHORTCUT_GRADIENT = declare(
    Quantity(
        name="shortcut_gradient",
        title=N_("gradient through the shortcut"),
        label=N_("norm of ∂ℓ/∂x"),
        formula=(
            N_(
                "first term of eq. 5 at a block: the gradient that reaches its input x through the shortcut, also "
                "where the shortcut is a projection and not the identity of eq. 5; L2 norm of dl/dx as root mean "
                "square over 8 samples"
            )
        ),
        source='"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
        axis="block",
    )
)
RESIDUAL_GRADIENT = declare(
    Quantity(
        name="residual_gradient",
        title=N_("gradient through F"),
        label=N_("norm of ∂ℓ/∂x"),
        formula=(
            N_(
                "second term of eq. 5 at a block: the gradient that reaches its input x through F, measured "
                "like the first term"
            )
        ),
        source='"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
        axis="block",
    )
)
GRADIENT_COSINE = declare(
    Quantity(
        name="gradient_cosine",
        title=N_("cosine of the two terms"),
        label="cosine",
        formula=(
            N_("cosine of the angle between the two terms of eq. 5, over 8 samples: 1 if they agree, -1 if they cancel")
        ),
        source='"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
        axis="block",
        log=False,
        span=(-1.0, 1.0),
    )
)
RESIDUAL_SHARE = declare(
    Quantity(
        name="residual_share",
        title="|F(x)| / |x|",
        label="|F(x)| / |x|",
        formula=N_(
            "L2 norm of a block's residual function F(x), divided by that of what its shortcut adds: x itself, or "
            "where dimensions change what the shortcut makes of x; for 8 samples"
        ),
        source='"Deep Residual Learning", section 4.2, "Analysis of Layer Responses"',
        axis="block",
    )
)
AUXILIARY_LOSS = declare(
    Quantity(
        name="auxiliary_loss",
        title=N_("auxiliary loss"),
        label="loss",
        formula=(
            N_(
                "mean cross-entropy of an auxiliary classifier on the batch, of which 0.3 is added to the "
                "training loss; for a detector the cross-entropy and box loss of its proposals, and the box "
                "loss of its regions"
            )
        ),
        source=(
            '"Going Deeper with Convolutions" (arXiv 1409.4842), section 5; "Faster R-CNN" (arXiv 1506.01497), eq. 1'
        ),
        axis="auxiliary",
        log=False,
        combination="mean",
    )
)


def declared_quantities() -> tuple[Quantity, ...]:
    """Return every declared quantity, in the order of declaration."""
    return tuple(DECLARED.values())


def with_declaration(quantity: Quantity) -> Quantity:
    """Return a stored quantity with the fields that are not stored, from the declaration of its name."""
    known = DECLARED.get(quantity.name)
    if known is None or known.axis != quantity.axis:
        return quantity
    return known.model_copy(update={name: getattr(quantity, name) for name in STORED_FIELDS})
