"""Which tests run a line: what coverage noted in one run of the tests, the quickest first."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from coverage import CoverageData

MOST_SECONDS = 20.0
"""How long the tests that run first may take together, by their times without a change."""
_LONG = (
    "tests/training/test_probes.py",
    "tests/training/test_trainer.py",
    "tests/experiments/test_session.py",
    "tests/experiments/test_resume.py",
)


class Selection:
    """The tests of each line, from a `.coverage` file with contexts and the times of the tests."""

    def __init__(self, folder: Path) -> None:
        """Read what `measure` left in a folder."""
        self._data = CoverageData(str(folder / ".coverage"))
        self._data.read()
        self._seconds: dict[str, float] = {}
        for path in folder.glob("times*.xml"):
            for case in ET.parse(path).iter("testcase"):
                name = f"{(case.get('classname') or '').replace('.', '/')}.py::{case.get('name')}"
                self._seconds[name] = float(case.get("time") or 0)
        self._files = {Path(file).as_posix().split("/resviz/", 1)[-1]: file for file in self._data.measured_files()}

    def tests(self, file: str, line: int, seconds: float = MOST_SECONDS) -> list[str]:
        """Return the tests that run a line, the quickest first, as many as fit into the time."""
        known = self._files.get(file.removeprefix("resviz/"))
        contexts = self._data.contexts_by_lineno(known) if known else {}
        # Of an expression of several lines, coverage notes some only.
        line = max((one for one in contexts if one <= line), default=line)
        names = {context.split("|")[0] for context in contexts.get(line, []) if context}
        if not names and line in contexts:  # run at import, as a constant is: any test of the file may notice
            names = {context.split("|")[0] for one in contexts.values() for context in one if context}
        chosen: list[str] = []
        total = 0.0
        for name in sorted(names, key=lambda name: self._seconds.get(name, 1.0)):
            total += self._seconds.get(name, 1.0)
            if chosen and total > seconds:
                break
            chosen.append(name)
        return chosen


def measure(folder: Path, checkout: Path, tests: list[str]) -> None:
    """Run the quick tests, and the slow ones of engine and window, with coverage: 20 minutes for all of them."""
    slow = ["tests/gui"] if {"tests", "tests/gui"} & set(tests) else []
    for number, which in enumerate((["-m", "not slow", *tests], ["-m", "slow", *_LONG, *slow])):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov=resviz", "--cov-context=test"]
        command += ["--cov-report=", f"--junitxml={folder / f'times{number}.xml'}"]
        command += ["--cov-append"] if number else []
        subprocess.run([*command, *which], cwd=checkout, check=False)
    (checkout / ".coverage").replace(folder / ".coverage")
