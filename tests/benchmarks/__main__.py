"""Prints the table. On a machine that others use, read the ratios."""

import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.benchmarks import capture, engine, watching, window


def main() -> None:
    sys.stdout.write("| what | measured | against | budget |\n|---|---|---|---|\n")
    for part in (window, engine, capture, watching):  # the window first: torch is not to be loaded yet when it opens
        for row in part.rows():
            sys.stdout.write(f"| {row.what} | {row.measured} | {row.against} | {row.budget} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
