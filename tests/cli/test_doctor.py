"""`resviz doctor` and `--version`: what a bug report needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import resviz
from resviz.__main__ import _is_path, main
from resviz.analysis.counts import count, exact
from resviz.experiments.system_information import as_text, system_information
from resviz.nets import catalogue
from resviz.nets.build import build
from tests.helpers.command_line import resviz as run_resviz


def test_the_version_is_printed() -> None:
    done = run_resviz("--version")
    assert done.stdout == f"resviz {resviz.__version__}\n"
    assert done.returncode == 0


@pytest.mark.slow
def test_doctor_says_what_a_bug_report_needs_and_trains_for_a_moment() -> None:
    done = run_resviz("doctor", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["Resviz"] == resviz.__version__
    assert {"Python", "torch", "GPU", "Display", "Folder of runs", "Folder of settings"} <= set(found)
    assert found["FLOPs of ResNet-34"] == exact(count(build(catalogue.find("resnet34"))).flops)
    steps = next(value for name, value in found.items() if name.startswith("Steps of ResNet-20 on"))
    assert int(steps) > 0


def test_information_is_lines_of_a_name_and_a_text() -> None:
    lines = as_text(system_information()).splitlines()
    assert lines[0].startswith("Resviz")
    assert len(lines) > 8


def test_the_window_opens_with_a_file_but_a_command_stays_a_command(tmp_path: Path) -> None:
    spec = tmp_path / "net.toml"
    spec.write_text("", encoding="utf-8")
    assert _is_path(str(spec))
    assert _is_path(str(tmp_path))
    assert not _is_path("train")
    assert not _is_path("--help")


def test_a_file_that_is_missing_is_no_unknown_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "missing.toml")
    monkeypatch.setattr("sys.argv", ["resviz", path])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"resviz: {path}: there is no such file. `resviz --help` lists the commands.\n"


@pytest.mark.slow
def test_a_spec_is_opened_in_the_window(tmp_path: Path) -> None:
    spec = tmp_path / "mine.toml"
    spec.write_text('stages = ["3x3,64"]\nstem = "3x3,16"\n', encoding="utf-8")
    program = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "import resviz.gui.app as app\n"
        "class Window(app.MainWindow):\n"
        "    def showEvent(self, event):\n"
        "        super().showEvent(event)\n"
        "        QTimer.singleShot(200, self.look)\n"
        "    def look(self):\n"
        "        print('open:', self.build.state.open_net.spec.name)\n"
        "        self.confirm = lambda title, text: True\n"
        "        self.close()\n"
        "app.MainWindow = Window\n"
        "from resviz.__main__ import main\n"
        f"sys.argv = ['resviz', {str(spec)!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert "open: mine" in done.stdout, done.stderr
