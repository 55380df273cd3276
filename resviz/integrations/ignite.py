"""A handler for PyTorch-Ignite: `Watch(model, optimizer=optimizer).attach(trainer)`.

Order in an iteration: the engine's own function calls backward and the optimizer's step, at which the step is measured;
`ITERATION_COMPLETED` has what the function returned, a loss first. `COMPLETED`, `TERMINATE` and `EXCEPTION_RAISED` end
the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.experiments.watch import Watch as ModelWatch
from resviz.training.watch_probes import numbers_of

try:
    from ignite.engine import Events
except ImportError:
    raise UsageError(_("Ignite is not installed. Install it with: pip install pytorch-ignite")) from None

if TYPE_CHECKING:
    from pathlib import Path

    from ignite.engine import Engine
    from torch import nn
    from torch.optim import Optimizer


class Watch:
    """Watches a model that an engine trains. `options` are those of `resviz.watch`."""

    def __init__(
        self, model: nn.Module, folder: str | Path | None = None, *, optimizer: Optimizer, **options: Any
    ) -> None:
        """Begin to watch; the engine comes with `attach`."""
        self.watch = ModelWatch(model, folder, **options)
        self.watch.follow(optimizer, steps_itself=True)

    def attach(self, trainer: Engine) -> None:
        """Follow an engine that trains."""
        trainer.add_event_handler(Events.ITERATION_COMPLETED, self._note)
        for end in (Events.COMPLETED, Events.TERMINATE):
            trainer.add_event_handler(end, lambda *_given: self.watch.close())
        trainer.add_event_handler(Events.EXCEPTION_RAISED, self._fail)

    def _note(self, engine: Engine) -> None:
        loss = next(numbers_of(engine.state.output), None)
        if loss is not None:
            self.watch.note(loss=loss)

    def _fail(self, _engine: Engine, error: BaseException) -> None:
        self.watch.__exit__(type(error), error, None)
        raise error
