"""What a run folder's JSON files hold: closed schemas, so that a stranger's file is read or refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from resviz.base.clean_text import CleanText, clean_line
from resviz.base.errors import NetError, RunError
from resviz.base.translation import _
from resviz.nets.spec import NetSpec, validate

FORMATS = (2, 3, 4)
"""The formats of run folders that can be read. New runs are written in the last.

Format 3 added auxiliary outputs; format 4 added checksums of the JSON files, and the steps of an epoch.
"""
SEALED_FROM = 4
"""The first format whose JSON files have a checksum."""
State = Literal["running", "finished", "stopped", "failed", "interrupted"]
MAX_JSON = 20_000_000


Line = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00-\x1f\x7f]*$"), AfterValidator(clean_line)]
"""A text of one line, without control characters."""
_Scalar = bool | int | float | Line | None
_RECIPE = TypeAdapter(Annotated[dict[Line, _Scalar | list[_Scalar]], Field(max_length=200)])
Recipe = Annotated[dict[str, Any], AfterValidator(_RECIPE.validate_python)]
"""Settings by their names: short texts, numbers, and lists of them."""


class WatchedModel(BaseModel):
    """A model that was watched in another program's training loop.

    `flops` are multiply-adds, None where the model could not be captured; then `depth` is the number of its places.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line
    depth: int = Field(ge=0)
    parameters: int = Field(ge=0)
    flops: int | None = Field(None, ge=0)


AlertKind = Literal["vanishing", "exploding", "dead", "silent", "not finite"]


class RunAlert(BaseModel):
    """Something that looked wrong in a training: since which step, in which layers, and in a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: AlertKind
    step: int = Field(ge=0)
    layers: tuple[Line, ...] = Field((), max_length=10_000)
    text: Line


class RunInfo(BaseModel):
    """The content of run.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMATS[-1]
    id: str = Field(pattern=r"^[\w-]{1,80}$")
    """It names folders and files that are made from the run."""
    spec: dict[str, Any]
    """The net; empty where there is none, as for curves from another program."""
    recipe: Recipe
    seed: int
    device: Line
    versions: dict[Line, Line] = Field(max_length=100)
    epoch_steps: int | None = Field(None, ge=1)
    """Steps of an epoch; None where that is not known. Imported curves that are counted in epochs have 1."""
    group: Line = ""
    """Runs of one duel share it."""
    created: Line
    ended: Line = ""
    state: State = "running"
    steps: int = 0
    steps_per_second: float | None = None
    loss: float | None = None
    """Of the last step's batch."""
    error: float | None = None
    """Share of wrong answers on the held-out images, the last time it was measured."""
    error_step: int | None = None
    """After how many steps that was."""
    best_error: float | None = None
    """The least that was measured; runs of format 2 don't say."""
    rate_changed: bool = False
    """Whether the learning rate was changed by hand, so that the recipe alone does not make this run again."""
    watched: WatchedModel | None = None
    """The model of a run that was watched in another program's loop; `spec` is empty if it has no depth table."""
    alerts: tuple[RunAlert, ...] = Field((), max_length=100)
    """What looked wrong while it was watched."""
    left_out: int = Field(0, ge=0)
    """Steps whose rows were left out on purpose, to make a small run."""
    message: CleanText = Field("", max_length=20_000)
    """Why a run failed."""
    host: Line = ""
    pid: int = Field(0, ge=0, lt=2**31)

    @property
    def net(self) -> NetSpec:
        """The net that was trained. Raise RunError if there is none, or this program can't build it."""
        if not self.spec:
            raise RunError(
                _("Run {id} has imported curves and no net. Choose a run that Resviz has trained.").format(id=self.id)
            )
        try:
            return validate(self.spec, _("run {id}").format(id=self.id))
        except NetError as error:
            raise RunError(
                _("{error}. A newer version of Resviz may be able to read it.").format(error=error)
            ) from None


class Format(BaseModel):
    """The format of a run.json, which is read first: another format may have other fields."""

    format: int = 3
