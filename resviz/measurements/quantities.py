"""The quantities that Resviz measures at every step, step 0 included: name, unit, formula and source of each.

A row of step k is measured on the weights after k updates. `training.probes` measures them.
"""

from __future__ import annotations

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
        title="gradient of the weights",
        label="norm of ∂L/∂W",
        formula=("L2 norm over all entries of dL/dW, L the mean loss of the batch, without weight decay and biases"),
        source=(
            'the quantity of "Deep Residual Learning", section 4.1: the norms of the backward propagated gradients'
        ),
        backward=True,
    )
)
RESPONSE_GRADIENT = declare(
    Quantity(
        name="response_gradient",
        title="gradient of the response",
        label="norm of ∂ℓ/∂y, per sample",
        formula=(
            "root mean square over the batch's samples of the L2 norm of dl/dy, y one sample's response and l "
            "its loss, the losses of a batch summed: sqrt(B) times the L2 norm of dL/dy with L their mean and B"
            " samples"
        ),
        source='what eq. 5 of "Identity Mappings in Deep Residual Networks" (arXiv 1603.05027) is about',
        combination="root of squares",
        backward=True,
    )
)
RESPONSE = declare(
    Quantity(
        name="response",
        title="response",
        label="std of the response",
        formula=(
            "standard deviation, over batch, channels and places, of a weight layer's output after its "
            "normalisation and before any nonlinearity or addition"
        ),
        source='"Deep Residual Learning", figure 7',
        combination="deviation",
    )
)
UPDATE_RATIO = declare(
    Quantity(
        name="update_ratio",
        title="update ratio",
        label="|ΔW| / |W|",
        formula=(
            "L2 norm of the step's change of the weights over the L2 norm of the weights before it; about 0.001"
            " is usual"
        ),
        source="Bottou 2015 and the CS231n notes, Neural Networks Part 3, ratio of weights and updates",
        level=(1e-3, "usual"),
    )
)
SATURATION = declare(
    Quantity(
        name="saturation",
        title="saturation",
        label="share saturated",
        formula=(
            "share of a nonlinearity's outputs, of 8 samples, at 0 (ReLU; of its leaky kinds: below 0) or "
            "within 1.5% of the range's ends: beyond 0.97 of tanh's ±1, below 0.015 or above 0.985 of sigmoid"
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
        title="mean activation",
        label="mean of the output",
        formula="mean of a nonlinearity's outputs, of 8 samples; of a highway's gate: how open it is",
        source='Glorot and Bengio 2010, figure 2; "Highway Networks" (arXiv 1505.00387), figure 2',
        axis="activation",
        log=False,
    )
)
HISTOGRAM = declare(
    Quantity(
        name="activation_histogram",
        title="activation histogram",
        label="share of the outputs",
        formula=(
            "shares of a nonlinearity's outputs, of 8 samples, in 20 equal bins: sigmoid from 0 to 1, tanh from"
            " -1 to 1, the others from -1 to 4 root mean squares, what lies beyond in the outer bins"
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
        title="gradient through the shortcut",
        label="norm of ∂ℓ/∂x",
        formula=(
            "eq. 5's first term at a block: the gradient that reaches its input x by the shortcut, root mean "
            "square over 8 samples of the L2 norm of dl/dx"
        ),
        source='"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
        axis="block",
    )
)
RESIDUAL_GRADIENT = declare(
    Quantity(
        name="residual_gradient",
        title="gradient through F",
        label="norm of ∂ℓ/∂x",
        formula=(
            "eq. 5's second term at a block: the gradient that reaches its input x through F, measured as the first"
        ),
        source='"Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), eq. 5',
        axis="block",
    )
)
GRADIENT_COSINE = declare(
    Quantity(
        name="gradient_cosine",
        title="cosine of the two terms",
        label="cosine",
        formula=(
            "cosine of the angle between the two terms of eq. 5, over 8 samples: 1 where they agree, -1 where "
            "they cancel"
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
        formula="L2 norm of a block's residual function over that of what its shortcut adds, of 8 samples",
        source='"Deep Residual Learning", section 4.2, "Analysis of Layer Responses"',
        axis="block",
    )
)
AUXILIARY_LOSS = declare(
    Quantity(
        name="auxiliary_loss",
        title="loss of the further outputs",
        label="loss",
        formula=(
            "mean cross-entropy of an auxiliary classifier's answers on the batch, of which 0.3 is added to "
            "what is descended; of a detector: its proposals' cross-entropy and box loss, and its regions' box "
            "loss"
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
