"""A `resviz` command in a process of its own: for what loads torch for seconds, and must be possible to cancel."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot

from resviz.base.translation import _

_PATIENCE_MS = 2000


def end(process: QProcess | None) -> None:
    """Kill a process if there is one. None of its signals follows."""
    if process is not None:
        process.blockSignals(True)
        process.kill()
        process.waitForFinished(_PATIENCE_MS)
        process.deleteLater()


class CommandProcess(QObject):
    """Runs one command at a time. Nothing of it comes after `cancel`."""

    progressed = Signal(str)
    """A line that it says of itself while it works."""
    done = Signal(str)
    """All that it printed."""
    failed = Signal(str)
    """Why it came to nothing, in a line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._said: list[str] = []

    @property
    def is_running(self) -> bool:
        """Whether the command is running."""
        return self._process is not None

    def start(self, *arguments: str) -> None:
        """Run `resviz` with these arguments, instead of a command that still runs."""
        self.cancel()
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.readyReadStandardError.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._broken)
        self._process, self._said = process, []
        process.start(sys.executable, ["-m", "resviz", *arguments])

    def cancel(self) -> None:
        """End it at once; no signal follows."""
        process, self._process = self._process, None
        end(process)

    @Slot()
    def _read(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._said += [line for line in text.splitlines() if line.strip()]
            if self._said:
                self.progressed.emit(self._said[-1])

    @Slot(int, QProcess.ExitStatus)
    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        text = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self._process = None
        process.deleteLater()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.done.emit(text)
        else:
            why = _("it ended with status {code}").format(code=code)
            self.failed.emit(self._said[-1].removeprefix("resviz: ") if self._said else why)

    @Slot(QProcess.ProcessError)
    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            process, self._process = self._process, None
            process.deleteLater()
            self.failed.emit(_("{program} could not be started").format(program=sys.executable))
