"""The course of a run: what is set up, what is under way, and what was measured of it so far. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.base.errors import NetError, RunError
from resviz.base.translation import _
from resviz.gui.plots.scene import ORDINARY, PlottedNet, Scene, StepAxisOptions
from resviz.gui.train import diagnosis_text
from resviz.gui.train.training_setup import TrainingSetup, assign_line_styles, distinct_names
from resviz.gui.workers.runner import Message, StartMessage, TrainingJob
from resviz.measurements.history import RunHistory
from resviz.runs.folder import RunFolder
from resviz.runs.gradient_verdict import GradientEpisodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.train.followed_runs import FollowedRuns
    from resviz.measurements.run_layers import RunLayers
    from resviz.nets.spec import NetSpec
    from resviz.training.recipe import TrainConfig


@dataclass
class TrainingState:
    """What is trained, how far it is, and what was measured. No Qt."""

    setup: TrainingSetup
    """What the next run will be."""
    state: str = "idle"
    run_setup: TrainingSetup | None = None
    """What the run on screen was set to."""
    job: TrainingJob | None = None
    """What is, or was last, under way."""
    histories: list[RunHistory] = field(default_factory=list)
    _episodes: list[GradientEpisodes] = field(default_factory=list)
    """What each net's gradient has done, up to its newest step."""
    counts: tuple[int, ...] = ()
    """Steps that each net has done."""
    rate: float | None = None
    """Steps per second."""
    ended: str = ""
    """How the last run ended, or "recorded" for a saved one."""
    folders: tuple[Path, ...] = ()
    """The folders of the run on screen."""
    errors: tuple[float | None, ...] = ()
    """The held-out error of each net's last weights, known when the run has ended."""
    followed: FollowedRuns | None = None
    """Runs of another program that are on screen."""

    def begin(self, job: TrainingJob) -> None:
        """Forget what was measured and begin with a job."""
        self.forget()
        self.job, self.run_setup = job, self.setup

    def forget(self) -> None:
        """Show nothing measured."""
        self.job = self.followed = None
        self.counts, self.rate, self.ended, self.folders, self.errors = (), None, "", (), ()
        self.start_recording(())

    def end(self, state: str) -> None:
        """Note how the run has ended, and read the held-out errors that were measured after its last step."""
        self.ended, self.errors = state, tuple(map(_last_error, self.folders))

    def show_recorded(
        self, histories: Sequence[RunHistory], rate: float | None = None, errors: tuple[float | None, ...] = ()
    ) -> None:
        """Show a saved run of what is set up, with its steps a second and its nets' held-out errors at the end."""
        setup = self.setup
        self.job, self.run_setup = TrainingJob(setup.specs, setup.config, Path(), setup.device), setup
        self.histories, self._episodes = list(histories), [GradientEpisodes() for _net in histories]
        self.counts = tuple(history.step_count for history in histories)
        self.rate, self.ended, self.folders, self.errors = rate, "recorded", (), errors

    def show_followed(self, followed: FollowedRuns) -> None:
        """Show runs of another program as they were last read."""
        self.followed, self.run_setup = followed, None
        self.histories, self._episodes = followed.histories, []
        self.counts, self.rate, self.folders = followed.counts, followed.rate, followed.folders
        self.ended = "" if followed.state == "running" else followed.state

    def snapshot(self) -> TrainingState:
        """Return what is on screen, to come back to it later."""
        return replace(self, setup=self.run_setup or self.setup, histories=self.histories, _episodes=self._episodes)

    def restore(self, earlier: TrainingState) -> None:
        """Show again what was on screen, with its setup."""
        for one in fields(self):
            if one.name != "state":
                setattr(self, one.name, getattr(earlier, one.name))

    def start_recording(self, layers: Sequence[RunLayers]) -> None:
        """Begin an empty history for each net, with its layers."""
        self.histories = [RunHistory(of_net) for of_net in layers]
        self._episodes = [GradientEpisodes() for _net in layers]

    def take(self, message: Message) -> bool:
        """Take what the runner tells. Return whether it measured steps."""
        if isinstance(message, StartMessage):
            self.start_recording(message.layers)
            self.folders = message.folders
        else:
            self.counts, self.rate = message.counts, message.steps_per_second
        new = False
        for history, rows in zip(self.histories, message.rows, strict=False):
            if rows:
                history.append(rows)
                new |= len(rows["step"]) > 0
        return new

    @property
    def done(self) -> int:
        """Steps of the net that is ahead."""
        return max(self.counts, default=0)

    @property
    def measured(self) -> int:
        """Steps that can be looked at."""
        return max((history.step_count for history in self.histories), default=0)

    @property
    def specs(self) -> tuple[NetSpec, ...]:
        """The nets on screen: those of the run that is seen, before one is seen those that are set up."""
        return self.job.specs if self.job and self._seen else self.setup.specs

    @property
    def config(self) -> TrainConfig:
        """Recipe of the run on screen, or of the next run if there is none."""
        return self.job.config if self.job and self._seen else self.setup.config

    @property
    def steps(self) -> int:
        """Steps that the run on screen, or the next one, is to have."""
        return self.followed.steps if self.followed is not None else self.config.steps

    @property
    def _seen(self) -> bool:
        return bool(self.histories) or self.state != "idle"

    def nets(self, cursor: int | None) -> list[PlottedNet]:
        """Return the measured nets at the step cursor. A net that is behind is shown at its newest step."""
        if self.followed is not None:
            return self.followed.nets(cursor)
        if self.job is None:
            return []
        specs, recipe = self.job.specs, self.job.config.model_dump()
        nets = [
            PlottedNet(
                name, spec.unit, history, line_style, recipe=recipe, episodes=episodes if history.stride == 1 else None
            )
            for name, spec, history, episodes, line_style in zip(
                distinct_names(specs), specs, self.histories, self._episodes, assign_line_styles(specs), strict=False
            )
            if history.count
        ]
        for history, episodes in zip(self.histories, self._episodes, strict=True):
            if history.stride == 1:  # of steps without rows it is not known what the gradient did
                episodes.update(history.column("response_gradient"))
        if cursor is None:
            return nets
        return [replace(net, row=net.history.row_at(cursor)) for net in nets]

    def scene(self, cursor: int | None, steps: StepAxisOptions = ORDINARY) -> Scene:
        """Return what the views draw with the step cursor at a step, or at the end for None."""
        waiting = (
            _("Press Start to train. The plot is drawn live.")
            if self.state == "idle"
            else _("waiting for the first step")
        )
        if self.followed is not None:
            results = tuple(one.run for one in self.followed.runs)
            nets, specs = self.nets(cursor), self.followed.specs
            return Scene(nets, specs, cursor is None, _("waiting for the first step"), steps, results=results)
        return Scene(
            self.nets(cursor), tuple(_fitted(self.config, spec) for spec in self.specs), cursor is None, waiting, steps
        )

    def title(self) -> str:
        """Return the nets in their colours, as HTML."""
        if self.followed is not None:
            names = [diagnosis_text.coloured(net.name, net.unit, net.line_style) for net in self.followed.nets(None)]
            return f"<span style='font-size:12pt'>{' · '.join(names)}</span>"
        specs = self.specs
        names = [
            diagnosis_text.coloured(name, spec.unit, line_style)
            for name, spec, line_style in zip(distinct_names(specs), specs, assign_line_styles(specs), strict=True)
        ]
        labels = {spec.label for spec in specs}
        of = f"{labels.pop()}: " if len(labels) == 1 and len(specs) > 1 else ""
        between = f" {_('against')} " if len(names) < 3 else " · "
        return f"<span style='font-size:12pt'>{of}{between.join(names)}</span>"

    def progress(self, cursor: int | None) -> str:
        """Return how far it is, how fast, and how long yet."""
        if self.state == "preparing":
            return _("preparing: loading PyTorch and {data}").format(data=self.config.data)
        done = " / ".join(map(str, sorted(set(self.counts)))) or "0"
        known = self.followed is None or self.followed.steps > self.done or self.state == "idle"
        parts = [
            _("{done} of {count} steps").format(done=done, count=self.steps)
            if known
            else _("{done} steps").format(done=done)
        ]
        if cursor is not None:
            parts.insert(0, _("showing step {step}").format(step=cursor))
        if self.rate:
            parts.append(_("{rate:.1f} steps/s").format(rate=self.rate))
            if self.state in ("running", "paused"):
                parts.append(
                    _("{time} left").format(time=diagnosis_text.minutes((self.steps - min(self.counts)) / self.rate))
                )
        if self.followed is not None:
            left = self.state == "idle" and self.followed.state == "running"
            parts.append(_("not followed any more") if left else self.followed.state_in_words())
        elif self.ended and self.state == "idle":
            parts.append(_ENDS[self.ended])
        return "  ·  ".join(parts)


_ENDS = {
    "finished": _("finished"),
    "stopped": _("stopped"),
    "failed": _("failed"),
    "recorded": _("a saved run; press Start to train it now"),
}


def _last_error(folder: Path) -> float | None:
    try:
        return RunFolder(folder).info.error
    except RunError:
        return None


@lru_cache(maxsize=16)
def _fitted(config: TrainConfig, spec: NetSpec) -> NetSpec:
    """Return the net for the images that it is trained on, where these are known before they are loaded."""
    try:
        return config.fitted(spec)
    except NetError:
        return spec
