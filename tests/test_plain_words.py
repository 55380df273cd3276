"""What people read is plain English: no phrase that only its author understands, in no text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FORBIDDEN = re.compile(
    r"will do\b|\b(is|are|was) said\b|\bgoes on\b|\bgo on with\b|stands? beside|of those that|one that is none|"
    r"what it is of|as it comes up|\bwhatever\b.{1,20}\bis\b|\bguessing\b|loses? [\d.]+ decades|first weights|"
    r"thrown away|\btorch's own\b|a figure a\b|laid beside|from elsewhere|click[s]? a ○",
    re.IGNORECASE,
)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
RESOURCES = sorted(path for ending in ("toml", "html") for path in (ROOT / "resources").rglob(f"*.{ending}"))
SOURCES = sorted((ROOT / "resviz").rglob("*.py"))


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a source file that is no docstring, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(statement.value)
        for node in ast.walk(tree)
        for statement in (node.body if hasattr(node, "body") and isinstance(node.body, list) else [])
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", [*PAGES, *RESOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_and_resources_have_no_forbidden_phrase(path: Path) -> None:
    found = [
        f"{number}: {line}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert not found


def test_no_text_of_the_program_has_a_forbidden_phrase() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]}"
        for path in SOURCES
        for line, text in strings(path)
        if FORBIDDEN.search(text)
    ]
    assert not found
