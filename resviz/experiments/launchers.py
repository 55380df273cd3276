"""Where a sweep's variations are trained: in processes on this machine, or as jobs of a Slurm cluster."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from resviz.base.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

Work = Callable[..., str]


class LaunchedTask(Protocol):
    """One variation under way, as a future or a cluster's job."""

    def done(self) -> bool: ...

    def result(self) -> str: ...


class Launcher(Protocol):
    def submit(self, work: Work, *arguments: Any) -> LaunchedTask: ...

    def cancel(self) -> None:
        """What has not begun does not begin; what has is asked to end, and keeps what it has."""

    def close(self) -> None:
        """To be called when every task is done or cancelled."""


class ProcessLauncher:
    """So many at a time, on this machine."""

    def __init__(self, count: int) -> None:
        self._pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"))
        self._futures: list[Future[str]] = []

    def submit(self, work: Work, *arguments: Any) -> LaunchedTask:
        """The work is told which process has asked for it: without that one it is to end."""
        self._futures.append(self._pool.submit(work, *arguments, os.getpid()))
        return self._futures[-1]

    def cancel(self) -> None:
        for future in self._futures:
            future.cancel()
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001 - the pool has no other list
            process.terminate()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


class ClusterLauncher:
    """Jobs of Slurm, by submitit: it writes the batch scripts, keeps each job's output, and puts a job that ran out of
    its time or was preempted into the queue again. Ray would have a cluster run a service of its own; submitit needs
    what a Slurm cluster has anyway, a shared folder and sbatch. `cluster` "local" runs the same jobs on this machine.
    """

    def __init__(self, folder: Path, cluster: str, **parameters: Any) -> None:
        """`folder` is where the jobs' scripts and outputs go; `parameters` are submitit's: timeout_min,
        slurm_partition, gpus_per_node ...  Raises RunError where submitit or Slurm is not there.
        """
        if importlib.util.find_spec("submitit") is None:
            raise UsageError("a cluster needs submitit: pip install 'resviz[cluster]' will do")
        import submitit

        try:
            self._executor = submitit.AutoExecutor(folder, cluster=cluster)
        except RuntimeError as error:
            raise UsageError(
                f"{' '.join(str(error).split())}; on a machine from which jobs are submitted it is"
            ) from None
        try:
            self._executor.update_parameters(**parameters)
        except (NameError, TypeError, ValueError, AssertionError) as error:
            raise UsageError(f"--parameter: {' '.join(str(error).split())[:200] or 'is none of submitit'}") from None
        self._jobs: list[Any] = []

    def submit(self, work: Work, *arguments: Any) -> LaunchedTask:
        job: LaunchedTask = self._executor.submit(_ResumedWork(work), *arguments)
        self._jobs.append(job)
        return job

    def cancel(self) -> None:
        for job in self._jobs:
            job.cancel()

    def close(self) -> None:
        pass


class _ResumedWork:
    """Work that may be put into the queue again as it is: a variation goes on with the run that it has begun."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, *arguments: Any) -> str:
        return self._work(*arguments)

    def checkpoint(self, *arguments: Any) -> Any:
        """What submitit asks for when a job's time is over."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, *arguments)


def cluster_parameters(texts: Mapping[str, str]) -> dict[str, Any]:
    """What was typed as name=value: whole numbers are numbers."""
    return {name: int(text) if text.lstrip("-").isdigit() else text for name, text in texts.items()}
