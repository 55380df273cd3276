"""The text of a lesson: a Markdown file with a title, a claim, and sections with fixed headings.

# Title
The claim.
## Question
What will happen?
- one answer
- another answer
## Look
What to look at.
## Measured
A sentence with measured values, like {loss 1}.
## Paper
What the paper says.
## Source
Where it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from resviz.base.clean_text import clean_line
from resviz.base.errors import ResvizError
from resviz.base.translation import _

MAX_TITLE = 80
_SECTIONS = ("question", "look", "measured", "paper", "source")


class LessonError(ResvizError):
    """A lesson that can't be read."""


@dataclass(frozen=True)
class LessonText:
    """What a lesson says, in Markdown. Paragraphs are separated by an empty line."""

    title: str
    claim: str = ""
    question: str = ""
    answers: tuple[str, ...] = ()
    """The answers to choose from."""
    look: str = ""
    measured: str = ""
    paper: str = ""
    source: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """All texts that a translator translates."""
        texts = [getattr(self, field.name) for field in fields(self) if field.name not in ("answers", "source")]
        return tuple(filter(None, (*texts, *self.answers)))


def read_text(markdown: str, where: str = "") -> LessonText:
    """Return the parts of a lesson's Markdown. Raise LessonError, which names `where`, if a part is wrong."""
    title, section = "", "claim"
    parts: dict[str, list[str]] = {"claim": []}
    answers: list[str] = []
    for line in map(str.rstrip, markdown.splitlines()):
        if line.startswith("# ") and not title and section == "claim" and not any(parts["claim"]):
            title = clean_line(line[2:]).strip()
        elif line.startswith("## "):
            section = line[3:].strip().lower()
            if section not in _SECTIONS:
                raise LessonError(
                    _("{file}: the heading “{heading}” is not known. Use {known}.").format(
                        file=where, heading=clean_line(line[3:])[:MAX_TITLE], known=", ".join(_SECTIONS)
                    )
                )
            parts.setdefault(section, [])
        elif section == "question" and line.startswith("- "):
            answers.append(clean_line(line[2:]).strip())
        elif section == "question" and answers and line.startswith("  "):
            answers[-1] += " " + clean_line(line).strip()
        else:
            parts[section].append(line)
    if not title or len(title) > MAX_TITLE:
        raise LessonError(
            _("{file}: the first line must be a title, # and at most {most} characters.").format(
                file=where, most=MAX_TITLE
            )
        )
    texts = {name: _paragraphs(lines) for name, lines in parts.items()}
    return LessonText(title, answers=tuple(answers), **texts)


def _paragraphs(lines: list[str]) -> str:
    """Join the lines of each paragraph, so that a translator sees sentences and no line ends."""
    blocks = "\n".join(lines).strip().split("\n\n")
    return "\n\n".join(
        " ".join(clean_line(line).strip() for line in block.splitlines()) for block in blocks if block.strip()
    )
