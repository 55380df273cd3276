"""What TRAIN says in words: the diagnosis, whose every figure is measured and can be clicked."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.runs.diagnosis import Diagnosis, DiagnosisPart, diagnose
from resviz.runs.diagnosis import headline as short_diagnosis

if TYPE_CHECKING:
    from resviz.gui.plots.scene import PlottedNet
    from resviz.gui.train.followed_runs import FollowedRuns
    from resviz.gui.train.training_setup import TrainingSetup


_PROBLEMS = 2
"""How many alerts of followed runs are shown, the newest ones. More would leave too little room for the plots."""


def diagnosis(net: PlottedNet) -> Diagnosis:
    """Return the diagnosis of a net at the step that it is shown at."""
    history = net.history
    episodes = net.episodes.until(net.step) if net.episodes is not None else []
    return diagnose(lambda name: history.at(name, net.row), net.step, episodes, net.recipe, net.unit)


def sentence(net: PlottedNet, found: Diagnosis | None = None) -> str:
    """Return HTML with the net's name in its colour, and numbers as links of the form quantity@step."""
    found = found or diagnosis(net)
    return f"{coloured(net.name, net.unit, net.line_style)}: " + "".join(map(_html, found.parts))


def headline(net: PlottedNet) -> str:
    """Return what a net's gradient does in a few words, as HTML in the net's colour."""
    text = f"{net.name}: {short_diagnosis(net.history.at('response_gradient', net.row))}"
    return f"<span style='color:{theme.current().net_colour(net.unit, net.line_style)}'>{escape(text)}</span>"


def _html(part: DiagnosisPart) -> str:
    text = escape(part.text)
    if part.quantity:
        colour = theme.current().text
        return f"<a href='{part.quantity}@{part.step}' style='color:{colour}'>{text}</a>"
    return f"<b>{text}</b>" if part.strong else text


def coloured(text: str, unit: str, line_style: int = 0) -> str:
    """Return HTML for a text in the colour of a net."""
    return f"<b style='color:{theme.current().net_colour(unit, line_style)}'>{escape(text)}</b>"


def dim(text: str) -> str:
    """Return HTML for a dim text."""
    return f"<span style='color:{theme.current().dim}'>{escape(text)}</span>"


def minutes(seconds: float) -> str:
    """Return a duration in seconds, or in minutes from 90 seconds on."""
    return (
        _("{seconds:.0f} s").format(seconds=seconds)
        if seconds < 90
        else _("{minutes:.0f} min").format(minutes=seconds / 60)
    )


def _unbroken(text: str) -> str:
    return escape(text).replace(" ", "&nbsp;")


def followed(runs: FollowedRuns) -> str:
    """Return what looked wrong in followed runs, as HTML."""
    return "<br>".join(f"<b>{escape(text)}</b>" for text in runs.problems[-_PROBLEMS:])


def lesson(setup: TrainingSetup, *, paper: bool) -> str:
    """Return what to look at in a lesson, or what the paper says."""
    lesson = setup.lesson
    colour = theme.current().accent
    if not lesson.look:
        return ""
    if setup.changed:
        text = _("Changed from the lesson: {changes}. What the lesson says may not hold.")
        link = f"<a href='lesson@0' style='color:{colour}'>{_unbroken(_('back to the lesson'))}</a>"
        return f"{escape(text.format(changes=', '.join(setup.changes) or _('pace')))} {link}"
    if paper:
        link = f"<a href='paper@0' style='color:{colour}'>{_unbroken(_('what to look at'))}</a>"
        return f"{escape(_(lesson.paper))} {dim('(' + lesson.source + ')')} {link}"
    link = f"<a href='paper@0' style='color:{colour}'>{_unbroken(_('what the paper says'))}</a>"
    return f"{escape(_(lesson.look))} {link if lesson.paper else ''}"
