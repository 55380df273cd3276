"""`resviz watch`: a stranger's script runs as it would without, and what it trains becomes runs."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim.optimizer import _global_optimizer_pre_hooks

from resviz.cli.json_documents import Follow, Watch
from resviz.experiments.watched_script import ScriptWatcher
from resviz.runs.folder import RunFolder
from tests.helpers.command_line import resviz as run_resviz

pytestmark = pytest.mark.slow

HEAD = """
import sys, torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), 0.1)
def batch():
    return torch.rand(4, 6), torch.randint(3, (4,))
"""
LOOP = """
for step in range(5):
    x, y = batch()
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
net.eval()
net(batch()[0])
print("ended", sys.argv[1:])
"""
WITH_WATCH = """
import resviz
with resviz.watch(net, sys.argv[1], optimizer=optimizer) as watch:
    for step in range(5):
        x, y = batch()
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        watch.step(loss)
        optimizer.step()
"""


def written(folder: Path, code: str, name: str = "train.py") -> Path:
    path = folder / name
    path.write_text(code, encoding="utf-8")
    return path


def watched(
    script: Path, out: Path, *arguments: str, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "resviz", "watch", "--out", str(out), *options, str(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def runs_in(folder: Path) -> list[RunFolder]:
    return [RunFolder(path) for path in sorted(folder.iterdir())]


def test_a_script_is_measured_as_if_it_had_called_watch_itself(tmp_path: Path) -> None:
    done = watched(written(tmp_path, HEAD + LOOP), tmp_path / "a", "--lr", "3", "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "ended ['--lr', '3', '--help']"
    assert "1 run was written" in done.stderr
    subprocess.run(
        [sys.executable, str(written(tmp_path, HEAD + WITH_WATCH, "own.py")), str(tmp_path / "b")], check=True
    )
    (run,), (own,) = runs_in(tmp_path / "a"), runs_in(tmp_path / "b")
    assert run.info.state == "finished"
    assert [place.name for place in run.layers.layers] == ["0", "2"]
    ours, theirs = run.rows(), own.rows()
    for name in ("step", "loss", "weight_gradient", "response_gradient", "response", "update_ratio", "learning_rate"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, err_msg=name)


SCALED = LOOP.replace("loss.backward()", "scaler.scale(loss).backward()").replace(
    "optimizer.step()", "scaler.step(optimizer); scaler.update()"
)


def test_a_loss_scale_is_taken_out_of_what_a_script_trains(tmp_path: Path) -> None:
    found = []
    for number, code in enumerate((LOOP, "scaler = torch.amp.GradScaler('cpu', init_scale=512.0)\n" + SCALED)):
        out = tmp_path / str(number)
        assert watched(written(tmp_path, HEAD + code), out).returncode == 0
        (run,) = runs_in(out)
        found.append(run.rows())
    for name in ("loss", "weight_gradient", "response_gradient"):
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=1e-5, err_msg=name)


TWO = """
import torch
from torch import nn
maker = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4))
critic = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1))
a, b = torch.optim.Adam(maker.parameters()), torch.optim.Adam(critic.parameters())
for step in range(3):
    b.zero_grad(); critic(maker(torch.rand(4, 3)).detach()).mean().backward(); b.step()
    a.zero_grad(); (-critic(maker(torch.rand(4, 3))).mean()).backward(); a.step()
"""


def test_each_model_of_a_script_is_a_run_of_one_group(tmp_path: Path) -> None:
    done = watched(written(tmp_path, TWO, "gan.py"), tmp_path / "runs", options=("--title", "gan"))
    assert "2 runs were written" in done.stderr, done.stderr
    runs = runs_in(tmp_path / "runs")
    assert {run.info.group for run in runs} == {"gan"}
    assert all(list(run.rows()["step"]) == [0, 1, 2] for run in runs)


@pytest.mark.parametrize(
    ("end", "status", "state", "says"),
    [
        ("raise ValueError('no more')", 1, "failed", "ValueError: no more"),
        ("sys.exit(3)", 3, "failed", ""),
        ("sys.exit('broken')", 1, "failed", "broken"),
        ("sys.exit()", 0, "finished", ""),
        ("raise KeyboardInterrupt", 130, "stopped", ""),
        ("open('/nowhere/at/all')", 1, "failed", "FileNotFoundError"),
    ],
)
def test_however_a_script_ends_the_run_is_kept_and_its_status_too(
    end: str, status: int, state: str, says: str, tmp_path: Path
) -> None:
    done = watched(written(tmp_path, HEAD + LOOP + end), tmp_path / "runs")
    assert done.returncode == status, done.stderr
    assert says in done.stderr
    assert "watched_script.py" not in done.stderr, "a traceback begins in the script"
    (run,) = runs_in(tmp_path / "runs")
    assert (run.info.state, len(run.rows()["step"])) == (state, 5)


def test_ctrl_c_ends_a_script_and_keeps_its_run(tmp_path: Path) -> None:
    endless = HEAD + LOOP.replace("range(5)", "iter(int, 1)").replace(
        "optimizer.step()", "optimizer.step(); print(1, flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "resviz", "watch", "--out", str(tmp_path / "runs"), str(written(tmp_path, endless))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for _line in range(20):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    (run,) = runs_in(tmp_path / "runs")
    assert run.info.state == "stopped"
    assert len(run.rows()["step"]) >= 20


def test_a_script_that_watches_itself_keeps_its_own_run(tmp_path: Path) -> None:
    done = watched(written(tmp_path, HEAD + WITH_WATCH), tmp_path / "runs", str(tmp_path / "own"))
    assert "closed" not in done.stderr
    (own,) = runs_in(tmp_path / "own")
    assert (own.info.state, len(own.rows()["step"])) == ("finished", 5)


def test_a_script_that_fails_has_a_failed_run_also_without_a_block(tmp_path: Path) -> None:
    code = WITH_WATCH.replace("with resviz.watch(", "if watch := resviz.watch(").replace(") as watch:", "):")
    script = written(tmp_path, HEAD + code + "raise ValueError('no more')")
    subprocess.run([sys.executable, str(script), str(tmp_path / "runs")], check=False, capture_output=True)
    (run,) = runs_in(tmp_path / "runs")
    assert (run.info.state, run.info.message) == ("failed", "ValueError: no more")


def test_the_optimizers_settings_are_kept_with_the_run_of_a_script(tmp_path: Path) -> None:
    assert watched(written(tmp_path, HEAD + LOOP), tmp_path / "runs").returncode == 0
    (run,) = runs_in(tmp_path / "runs")
    assert run.info.recipe["optimizer"] == "SGD"
    assert run.info.recipe["learning_rate"] == 0.1


def test_the_json_of_a_script_and_of_the_newest_run_is_as_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = watched(written(tmp_path, HEAD + LOOP), tmp_path / "runs", options=("--json",))
    found = Watch.model_validate_json(done.stdout)
    assert "ended" in done.stderr, "what the script prints is no part of the document"
    assert (found.status, [run.id for run in found.runs]) == (0, [run.info.id for run in runs_in(tmp_path / "runs")])
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path / "runs"))
    assert Follow.model_validate_json(run_resviz("follow", "--json").stdout).path == found.runs[0].path
    assert "is not a run" in run_resviz("follow", "nothing").stderr
    monkeypatch.setenv("RESVIZ_RUNS", str(tmp_path / "empty"))
    assert "There is no run in" in run_resviz("follow").stderr


def test_what_trains_nothing_is_said_in_a_line(tmp_path: Path) -> None:
    done = watched(written(tmp_path, "print('hello')"), tmp_path / "runs")
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert done.stderr.startswith("resviz: nothing was watched")
    assert not (tmp_path / "runs").exists()
    assert "There is no file" in run_resviz("watch", "nowhere.py").stderr


def test_torch_is_as_before_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = nn.Module.__call__, Tensor.backward, torch.amp.GradScaler.scale, list(sys.path), sys.argv
    watcher = ScriptWatcher(tmp_path / "runs")
    with pytest.raises(ValueError, match="no more"):
        watcher.run(written(tmp_path, HEAD + LOOP + "raise ValueError('no more')"), [])
    assert (nn.Module.__call__, Tensor.backward, torch.amp.GradScaler.scale, list(sys.path), sys.argv) == before
    assert not _global_optimizer_pre_hooks
    assert len(watcher.folders) == 1


def test_a_file_that_is_no_script_is_told_as_python_tells_it(tmp_path: Path) -> None:
    done = watched(written(tmp_path, 'name = "net"\n[[stages]]\nrepeats = = 3\n', "net.toml"), tmp_path / "runs")
    assert done.returncode == 1
    assert "resviz/" not in done.stderr, "no line of ours is in it"
    assert "runpy" not in done.stderr
    assert "nothing was watched" not in done.stderr
    assert 'net.toml", line 3' in done.stderr
    assert done.stderr.rstrip().endswith("SyntaxError: invalid syntax")
