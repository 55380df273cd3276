"""A callback for the Trainer of Hugging Face: `Trainer(..., callbacks=[Watch(title="my net")])`.

Order in a step: `on_pre_optimizer_step` comes when the gradients are clipped, if the trainer clips; `on_log` has the
loss, of the steps that are logged; `on_evaluate` the loss on held-out data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.experiments.watch import Watch as ModelWatch

try:
    from transformers import TrainerCallback
except ImportError:
    raise UsageError(_("transformers is not installed. Install it with: pip install transformers accelerate")) from None

if TYPE_CHECKING:
    from pathlib import Path


class Watch(TrainerCallback):  # type: ignore[misc]
    """Watches the model that is trained, in the first of several processes. `options` are those of `resviz.watch`."""

    def __init__(self, folder: str | Path | None = None, **options: Any) -> None:
        super().__init__()
        self._folder, self._options = folder, options
        self.watch: ModelWatch | None = None

    @override
    def on_train_begin(self, args: Any, state: Any, control: Any, **known: Any) -> None:
        if state.is_world_process_zero:
            optimizer = known.get("optimizer")
            optimizer = getattr(optimizer, "optimizer", optimizer)  # accelerate puts its own around it
            self.watch = ModelWatch(known["model"], self._folder, optimizer=optimizer, **self._options)

    @override
    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **known: Any) -> None:
        if self.watch is not None:
            self.watch.step()

    @override
    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **known: Any) -> None:
        if self.watch is not None and logs and "loss" in logs:
            self.watch.note(loss=float(logs["loss"]))

    @override
    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float] | None = None, **known: Any
    ) -> None:
        if self.watch is not None and metrics and "eval_loss" in metrics:
            self.watch.held_out(loss=float(metrics["eval_loss"]))

    @override
    def on_train_end(self, args: Any, state: Any, control: Any, **known: Any) -> None:
        if self.watch is not None:
            self.watch.close()
