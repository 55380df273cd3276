"""Finds shortcuts of option A in a recording: every second place of a map, with zeros as new channels.

"Deep Residual Learning", section 3.3. It is written as `F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, before, behind))`, which
are three calls.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resviz.nets import ops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.capturing.calls import Call

_BATCH_OF_MAPS = 4
"""Axes of a batch of maps: sample, channel, row, column."""


@dataclass(frozen=True)
class PaddedIdentity:
    """A shortcut of option A: what it is, the call that it reads, and the calls that only it reads."""

    op: ops.PadShortcut
    source: int
    inner: tuple[int, ...]


def find_pad_shortcuts(calls: Sequence[Call]) -> dict[int, PaddedIdentity]:
    """Return the shortcuts of option A by the numbers of their last calls."""
    readers = Counter(source for call in calls for source in call.inputs)
    found: dict[int, PaddedIdentity] = {}
    for number, call in enumerate(calls):
        zeros = _new_channels(call)
        if zeros is None:
            continue
        steps: dict[int, int] = {}
        inner: list[int] = []
        source = call.inputs[0]
        while readers[source] == 1 and _takes_every_so_many(calls[source], steps):
            inner.append(source)
            source = calls[source].inputs[0]
        if set(steps.values()) | {steps.get(2, 1), steps.get(3, 1)} == {steps.get(2, 1)}:
            before, behind = zeros
            channels = call.shape[1] - before - behind
            op = ops.PadShortcut(channels, call.shape[1], steps.get(2, 1), before)
            found[number] = PaddedIdentity(op, source, tuple(inner))
    return found


def _new_channels(call: Call) -> tuple[int, int] | None:
    """Return how many channels of zeros a call adds before and behind, or None if it does something else."""
    pads: Any = call.settings.get("pad")
    plain = call.settings.get("mode", "constant") == "constant" and not call.settings.get("value")
    if not (call.operator == "aten.pad" and plain and len(call.inputs) == 1 and len(call.shape) == _BATCH_OF_MAPS):
        return None
    rest = [*pads, 0, 0, 0, 0, 0, 0][:8]
    before, behind = rest[4:6]
    return (before, behind) if not any(rest[:4] + rest[6:]) and min(before, behind) >= 0 < before + behind else None


def _takes_every_so_many(call: Call, steps: dict[int, int]) -> bool:
    """Return whether a call takes every so many rows or columns of a map, from the first on, and note how many."""
    settings = call.settings
    axis = settings.get("dim", 0) % len(call.shape) if call.shape else 0
    whole = not settings.get("start") and (settings.get("end") is None or settings["end"] >= 2**31)
    if call.operator != "aten.slice" or len(call.shape) != _BATCH_OF_MAPS or not whole or axis in steps:
        return False
    if axis not in (2, 3):
        return bool(settings.get("step", 1) == 1)
    steps[axis] = int(settings.get("step", 1))
    return True
