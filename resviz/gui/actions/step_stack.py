"""Steps that can be taken back and repeated: what the Undo of every page is made of. No Qt."""

from __future__ import annotations

from typing import Generic, TypeVar

Step = TypeVar("Step")


class StepStack(Generic[Step]):
    """What was done, newest last, and what was taken back. A step is a state before a change, or the change itself."""

    def __init__(self, most: int = 100) -> None:
        """Keep up to `most` steps before the newest."""
        self._most = most
        self._past: list[Step] = []
        self._future: list[Step] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to repeat."""
        return bool(self._future)

    def push(self, step: Step) -> None:
        """Add a step. What was taken back before can't be repeated any more."""
        self._past = [*self._past[-self._most :], step]
        self._future.clear()

    def back(self, present: Step | None = None) -> Step | None:
        """Return the newest step, or None. To repeat it, `forth` returns `present`, or the step itself."""
        return _move(self._past, self._future, present)

    def forth(self, present: Step | None = None) -> Step | None:
        """Return the step that was taken back last, or None. `back` then returns `present`, or the step itself."""
        return _move(self._future, self._past, present)

    def clear(self) -> None:
        """Forget all steps."""
        self._past.clear()
        self._future.clear()


def _move(source: list[Step], target: list[Step], present: Step | None) -> Step | None:
    if not source:
        return None
    step = source.pop()
    target.append(step if present is None else present)
    return step
