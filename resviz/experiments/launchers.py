"""Where a sweep's variations are trained: in processes on this machine, or as jobs of a Slurm cluster."""

from __future__ import annotations

import importlib.util
import logging
import multiprocessing
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from typing_extensions import override

from resviz.base.errors import UsageError
from resviz.base.translation import _

if TYPE_CHECKING:
    from pathlib import Path

Work = Callable[..., str]


class LaunchedTask(Protocol):
    """One variation under way, as a future or a cluster's job."""

    def done(self) -> bool:
        """Return whether the task has ended, with success or without."""

    def result(self) -> str:
        """Wait for the task and return its run's folder. Raise what the task raised."""


class Launcher(Protocol):
    """Runs the variations of a sweep, in processes of this machine or as jobs of a cluster."""

    def submit(self, work: Work, *arguments: Any) -> LaunchedTask:
        """Start `work(*arguments)` as soon as there is room for it."""

    def cancel(self) -> None:
        """Drop the tasks that have not begun, and ask the others to end. Their runs are kept."""

    def close(self) -> None:
        """Free what the launcher holds. Call it when every task is done or cancelled."""


class ProcessLauncher(Launcher):
    """Processes of this machine, at most `count` at a time."""

    def __init__(self, count: int) -> None:
        self._pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"))
        self._futures: list[Future[str]] = []

    @override
    def submit(self, work: Work, *arguments: Any) -> LaunchedTask:
        """Start the work, and tell it the id of this process, because it ends when this process has gone."""
        self._futures.append(self._pool.submit(work, *arguments, os.getpid()))
        return self._futures[-1]

    @override
    def cancel(self) -> None:
        for future in self._futures:
            future.cancel()
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001 - the pool has no other list
            process.terminate()

    @override
    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


class ClusterLauncher(Launcher):
    """Jobs of a Slurm cluster, started with submitit.

    submitit writes the batch scripts, keeps the output of each job, and queues a job again when it ran out of time or
    was preempted. Ray would need a service of its own on the cluster. submitit needs only what a Slurm cluster has: a
    shared folder and sbatch. With `cluster` "local" the same jobs run on this machine.
    """

    def __init__(self, folder: Path, cluster: str, **parameters: Any) -> None:
        """Prepare the jobs.

        Args:
            cluster: "slurm" or "local".
            folder: Where scripts and outputs of the jobs are written.
            parameters: Parameters of submitit, such as timeout_min, slurm_partition, gpus_per_node.

        Raises:
            UsageError: submitit or Slurm is not installed, or submitit does not know a parameter.
        """
        if importlib.util.find_spec("submitit") is None:
            raise UsageError(_("--cluster needs submitit. Install it with: pip install 'resviz[cluster]'"))
        import submitit

        _quieten_accounting()
        try:
            self._executor = submitit.AutoExecutor(folder, cluster=cluster)
        except RuntimeError as error:
            raise UsageError(
                _("{reason}. Use a machine from which jobs can be submitted.").format(
                    reason=" ".join(str(error).split())
                )
            ) from None
        try:
            self._executor.update_parameters(**parameters)
        except (NameError, TypeError, ValueError, AssertionError) as error:
            raise UsageError(
                _("--parameter: submitit does not accept it: {reason}").format(
                    reason=" ".join(str(error).split())[:200] or type(error).__name__
                )
            ) from None
        self._jobs: list[Any] = []

    @override
    def submit(self, work: Work, *arguments: Any) -> LaunchedTask:
        from submitit.core.utils import FailedJobError

        try:
            job: LaunchedTask = self._executor.submit(_ResumedWork(work), *arguments)
        except FailedJobError as error:
            text = _("The cluster refuses the job: {reason}. See whether `sinfo` answers.")
            raise UsageError(text.format(reason=" ".join(str(error).split())[:300])) from None
        self._jobs.append(job)
        return job

    @override
    def cancel(self) -> None:
        for job in self._jobs:
            job.cancel()

    @override
    def close(self) -> None:
        """Do nothing: jobs belong to the cluster."""


class _AccountingFilter(logging.Filter):
    """Says once, on standard error, what submitit warns of at every look at its jobs where Slurm keeps no accounts."""

    def __init__(self) -> None:
        super().__init__()
        self._said = False

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if "sacct" not in record.getMessage():
            return True
        if not self._said:
            self._said = True
            text = _("Slurm keeps no accounts here, so the states of jobs are approximate.")
            sys.stderr.write(f"resviz: {text}\n")
        return False


def _quieten_accounting() -> None:
    """Have submitit ask for accounts without what sacct itself writes at each time."""
    from submitit.slurm import slurm

    class QuietWatcher(slurm.SlurmInfoWatcher):
        @override
        def _make_command(self) -> list[str] | None:
            command = super()._make_command()
            return command and ["sh", "-c", f"{shlex.join(command)} 2>/dev/null"]

    logger = logging.getLogger("submitit")
    if not any(isinstance(known, _AccountingFilter) for known in logger.filters):
        logger.addFilter(_AccountingFilter())
        slurm.SlurmJob.watcher = QuietWatcher(delay_s=600)


class _ResumedWork:
    """Work that may be put into the queue again as it is: a variation goes on with the run that it has begun."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, *arguments: Any) -> str:
        return self._work(*arguments)

    def checkpoint(self, *arguments: Any) -> Any:
        """Return what submitit asks for when a job's time is over."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, *arguments)


def cluster_parameters(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed as name=value: whole numbers are numbers."""
    return {name: int(text) if text.lstrip("-").isdigit() else text for name, text in texts.items()}
