"""Runs all checks on the GPU, then the benchmark rows. Without a GPU it says so, and that is no failure.

`--packages` names the Python packages that this machine still needs, for a machine with CUDA that can't install any.
"""

import argparse
import sys
import time
import traceback

import torch

from resviz.experiments.threads import usable_cores
from tests.gpu.checks import CHECKS
from tests.gpu.packages import missing_packages


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__)
    parser.add_argument("--packages", action="store_true", help="name the packages that are missing here")
    parser.add_argument("--device", default="cuda", help="device to check; cpu checks the checks")
    parser.add_argument("--no-benchmarks", action="store_true", help="leave the benchmark rows out")
    given = parser.parse_args()
    if given.packages:
        sys.stdout.write("\n".join(missing_packages()) + "\n")
        return 0
    if given.device == "cuda" and not torch.cuda.is_available():
        sys.stdout.write("No GPU: torch finds no CUDA device, so nothing was checked.\n")
        return 0
    device = torch.device(given.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    torch.set_num_threads(usable_cores())
    sys.stdout.write(
        f"{name}, PyTorch {torch.__version__}\n\n| check | measured | limit | passed |\n|---|---|---|---|\n"
    )
    failed = 0
    for check in CHECKS:
        if device.type != "cuda" and check.needs_cuda:
            continue
        began = time.perf_counter()
        try:
            measured, passed = check.run(device), "yes"
        except Exception as error:  # the other checks are wanted too
            traceback.print_exc()
            measured, passed = " ".join(f"{type(error).__name__}: {error}".split())[:120], "NO"
            failed += 1
        seconds = time.perf_counter() - began
        sys.stdout.write(f"| {check.what} | {measured}, {seconds:.0f} s | {check.limit} | {passed} |\n")
        sys.stdout.flush()
    if not given.no_benchmarks:
        from tests.benchmarks import probes

        sys.stdout.write("\n| what | measured | against | budget |\n|---|---|---|---|\n")
        for row in probes.rows():
            sys.stdout.write(f"| {row.what} | {row.measured} | {row.against} | {row.budget} |\n")
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
