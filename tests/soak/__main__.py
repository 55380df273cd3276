"""Runs all trials and prints a row for each, then every failure with the number that repeats it.

At full size it takes a few hours. `--scale 0.01` makes a hundredth of the attempts; `--only WORDS` chooses trials.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", default="", help="run trials whose names have this in them")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("RESVIZ_RUNS", "RESVIZ_SETTINGS", "RESVIZ_DATA"):
            os.environ[name] = str(Path(folder) / name)
        from tests.soak import file_trials, kill_trials, window_trials
        from tests.soak.trial import attempts

        sys.stdout.write("| what | times | outcome | seconds |\n|---|---|---|---|\n")
        failures: list[str] = []
        for number, trial in enumerate((*file_trials.TRIALS, *kill_trials.TRIALS, *window_trials.TRIALS)):
            if given.only not in trial.what:
                continue
            times, began = max(1, round(trial.times * given.scale)), time.perf_counter()
            place = Path(folder) / str(number)
            place.mkdir()
            outcomes, failed = attempts(trial, times, place)
            said = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
            sys.stdout.write(f"| {trial.what} | {times} | {said} | {time.perf_counter() - began:.0f} |\n")
            sys.stdout.flush()
            failures += failed
        sys.stdout.write(f"\nActions of the window over 100 ms: {window_trials.WATCHDOG.slow()}\n")
        sys.stdout.write(f"Memory of this process at the end: {window_trials.memory():.0f} MB\n")
        for line in failures:
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        os._exit(1 if failures else 0)  # a training may be at work


if __name__ == "__main__":
    main()
