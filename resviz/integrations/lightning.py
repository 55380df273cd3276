"""A callback for Lightning, under both of its names: `Trainer(callbacks=[Watch(title="my net")])`.

Order in a step: `on_before_backward` has the loss; `on_before_optimizer_step` comes when the gradients are unscaled and
not clipped yet, once for each step of an optimizer; `on_validation_end` has what was logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.experiments.watch import Watch as ModelWatch

try:
    from lightning.pytorch import Callback
except ImportError:
    try:
        from pytorch_lightning import Callback
    except ImportError:
        raise UsageError(_("Lightning is not installed. Install it with: pip install lightning")) from None

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor


class Watch(Callback):  # type: ignore[misc]
    """Watches the module that is trained, in the first of several processes. `options` are those of `resviz.watch`."""

    def __init__(self, folder: str | Path | None = None, **options: Any) -> None:
        super().__init__()
        self._folder, self._options = folder, options
        self._loss: Tensor | None = None
        self.watch: ModelWatch | None = None

    @override
    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        if trainer.is_global_zero:
            self.watch = ModelWatch(pl_module, self._folder, optimizer=list(trainer.optimizers), **self._options)

    @override
    def on_before_backward(self, trainer: Any, pl_module: Any, loss: Tensor) -> None:
        self._loss = loss.detach()

    @override
    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        if self.watch is not None:
            self.watch.step(self._loss)

    @override
    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        loss = trainer.callback_metrics.get("val_loss")
        if self.watch is not None and loss is not None and not trainer.sanity_checking:
            self.watch.held_out(loss=float(loss))

    @override
    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        if self.watch is not None:
            self.watch.__exit__(type(exception), exception, None)

    @override
    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        if self.watch is not None:
            self.watch.close()
