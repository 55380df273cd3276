"""Which changes there are: one operator, number or condition of the program, as Cosmic Ray makes them."""

from __future__ import annotations

import ast
import difflib
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).parents[2]
_LEFT_OUT = ("core/NoOp", "core/Variable", "core/RemoveDecorator", "core/ExceptionReplacer", "core/ReplaceUnary")
"""Operators that change something else, or nothing."""


@dataclass(frozen=True)
class Change:
    """A change of a file: Cosmic Ray's operator, which of its places in the file, and the line."""

    root: Path
    """The checkout that the file is in. Nobody may edit it while changes are made."""
    file: str
    operator: str
    occurrence: int
    line: int

    @property
    def room(self) -> str:
        """The room of the file: nets, training, gui."""
        parts = self.file.split("/")
        return parts[1] if len(parts) > 2 else "base"

    def changed(self) -> str:
        """Return the file's content with the change."""
        operator = cosmic_ray.plugins.get_operator(self.operator)()
        found = mutate_code((self.root / self.file).read_text(encoding="utf-8"), operator, self.occurrence)
        assert isinstance(found, str)
        return found

    def difference(self) -> str:
        """Return the changed lines, as `- old` and `+ new`."""
        old = (self.root / self.file).read_text(encoding="utf-8").splitlines()
        lines = difflib.unified_diff(old, self.changed().splitlines(), n=0, lineterm="")
        return " ".join(" ".join(line.split()) for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def sample(count: int, seed: int, root: Path = ROOT) -> list[Change]:
    """Return changes drawn from all rooms: each place of the program is as likely as any other."""
    chance = random.Random(seed)
    places = [(path, changes) for path in sorted((root / "resviz").rglob("*.py")) for changes in _places(path)]
    return [
        Change(root, path.relative_to(root).as_posix(), *chance.choice(changes))
        for path, changes in chance.sample(places, count)
    ]


def equivalent() -> dict[str, str]:
    """Return changes that change nothing of what the program does, by file and difference, with the reason."""
    content = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))
    return {f"{one['file']}: {one['change']}": one["reason"] for one in content.get("equivalent", [])}


def _places(path: Path) -> list[list[tuple[str, int, int]]]:
    """Every place of a file at which something can be changed, with the ways: operator, occurrence, line."""
    source = path.read_text(encoding="utf-8")
    ignored = _ignored_lines(source)
    nodes = list(ast_nodes(get_ast(source)))
    found: dict[tuple[int, int], list[tuple[str, int, int]]] = {}
    for name in cosmic_ray.plugins.operator_names():
        if name.startswith(_LEFT_OUT):
            continue
        operator = cosmic_ray.plugins.get_operator(name)()
        at = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, ((line, column), _end) in enumerate(at):
            if line not in ignored:
                found.setdefault((line, column), []).append((name, occurrence, line))
    return list(found.values())


def _ignored_lines(source: str) -> set[int]:
    """Lines that are not run: annotations, which are never evaluated, and what only a type checker reads."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            parts = [node.returns, *(one.annotation for one in (*given.args, *given.kwonlyargs, *given.posonlyargs))]
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation] if node.value is None else []
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            parts = [node]
        for part in parts:
            if part is not None:
                lines |= set(range(part.lineno, (part.end_lineno or part.lineno) + 1))  # type: ignore[attr-defined]
    return lines
