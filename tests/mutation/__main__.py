"""Makes changes at random, one at a time, runs the tests of the changed line, and prints how many were noticed.

It works in copies of the last commit, so the checkout may be used meanwhile. What it measured stays in a folder, from
which it goes on if it is started again.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.changes import ROOT, Change, equivalent, sample
from tests.mutation.selection import Selection, measure

ENGINE = ("nets", "measurements", "analysis", "training", "runs", "results", "experiments", "capturing", "base")
WANTED = {"engine": 0.85, "gui and cli": 0.65}
"""The share of changes that are to be noticed."""
_TIMEOUT = 1200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rooms", nargs="*", default=(), help="make only the changes of these rooms: nets, training")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "resviz-mutation")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    copies: SimpleQueue[Path] = SimpleQueue()
    source = _clone(given.folder / "source")
    for number in range(given.processes):
        copies.put(_clone(given.folder / f"copy{number}"))
    if not (given.folder / ".coverage").exists():
        measure(given.folder, given.folder / "copy0", [f"tests/{room}" for room in given.rooms] or ["tests"])
    selection = Selection(given.folder)
    log = given.folder / f"results-{given.seed}.jsonl"
    known = {json.loads(line)["key"]: json.loads(line) for line in log.read_text().splitlines()} if log.exists() else {}

    def run(change: Change) -> dict[str, str]:
        key = f"{change.file}: {change.difference()}"
        if key in known:
            return known[key]
        copy = copies.get()
        try:
            found = {"key": key, "room": change.room, "outcome": _outcome(change, copy, selection)}
        finally:
            copies.put(copy)
        with log.open("a") as out:
            out.write(json.dumps(found) + "\n")
        return found

    with ThreadPoolExecutor(given.processes) as pool:
        drawn = [one for one in sample(given.changes, given.seed, source) if not given.rooms or one.room in given.rooms]
        results = list(pool.map(run, sorted(drawn, key=lambda change: change.room not in ENGINE)))
    _print(results)


def _clone(copy: Path) -> Path:
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
    return copy


def _outcome(change: Change, copy: Path, selection: Selection) -> str:
    """Return "noticed", "not noticed" or "not run".

    First the quickest tests of the line are run, then all tests of the room, the slow ones too: some run the line in
    another process, where coverage doesn't see it. The window's tests all run in one.
    """
    path = copy / change.file
    before = path.read_text(encoding="utf-8")
    path.write_text(change.changed(), encoding="utf-8")
    try:
        quick = selection.tests(change.file, change.line)
        if quick and _notices(quick, copy):
            return "noticed"
        room = f"tests/{change.room}"
        if change.room != "gui" and (copy / room).is_dir() and _notices([room], copy):
            return "noticed"
        return "not noticed" if quick else "not run"
    finally:
        path.write_text(before, encoding="utf-8")


def _notices(tests: list[str], copy: Path) -> bool:
    """Return whether a test fails, or never ends."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", "--timeout", "120", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def _print(results: list[dict[str, str]]) -> None:
    aside = equivalent()
    rooms: dict[str, list[str]] = defaultdict(list)
    for result in results:
        rooms[result["room"]].append("set aside" if result["key"] in aside else result["outcome"])
    sys.stdout.write("| room | changes | noticed | not noticed | no test runs the line | set aside |\n")
    sys.stdout.write("|---|---|---|---|---|---|\n")
    for title, names in (
        *((room, (room,)) for room in sorted(rooms)),
        ("engine", ENGINE),
        ("gui and cli", ("gui", "cli")),
    ):
        found = [outcome for name in names for outcome in rooms.get(name, [])]
        noticed, *others = (found.count(one) for one in ("noticed", "not noticed", "not run", "set aside"))
        share = noticed / max(1, len(found) - others[-1])
        wanted = f", {WANTED[title]:.0%} wanted" if title in WANTED else ""
        cells = [title, str(len(found)), f"{noticed} ({share:.0%}{wanted})", *map(str, others)]
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.write("\n")
    for result in sorted(results, key=lambda result: result["key"]):
        if result["outcome"] != "noticed" and result["key"] not in aside:
            sys.stdout.write(f"{result['outcome']}: {result['key']}\n")


if __name__ == "__main__":
    main()
