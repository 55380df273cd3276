"""A stranger's model runs in a process of its own: whatever it does there is one line here."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resviz.analysis.counts import count
from resviz.base.errors import NetError, UsageError
from resviz.capturing.model_source import parse_source
from resviz.capturing.process import CaptureCancelled, capture
from tests.helpers.command_line import resviz

pytestmark = pytest.mark.slow

HEAD = "import torch\nfrom torch import nn\n"


def written(folder: Path, code: str) -> str:
    path = folder / "mymodel.py"
    path.write_text(HEAD + code, encoding="utf-8")
    return str(path)


def problem_of(text: str, **limits: float) -> str:
    source = parse_source(text)
    assert source is not None
    with pytest.raises(NetError) as problem:
        capture(source, **limits)  # type: ignore[arg-type]
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_a_class_in_a_file_is_built_with_its_arguments_and_prints_nothing_here(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = """
import neighbour
class Net(nn.Sequential):
    def __init__(self, depth, width=4):
        print("hello")
        super().__init__(nn.Conv2d(3, width, 3), *(nn.Conv2d(width, width, 1) for _ in range(depth)))
"""
    (tmp_path / "neighbour.py").write_text("")
    source = parse_source(f"{written(tmp_path, code)}:Net", ("3x9x9",), "{'depth': 2, 'width': 5}")
    assert source is not None
    net = capture(source)
    assert count(net.graph).parameters == 3 * 5 * 9 + 5 + 2 * (25 + 5)
    assert net.graph.input_shape == (3, 9, 9)
    assert net.graph.name == "Net"
    assert capfd.readouterr() == ("", "")


def test_an_input_that_is_not_given_is_one_that_the_first_layer_takes(tmp_path: Path) -> None:
    source = parse_source(f"{written(tmp_path, 'model = nn.Sequential(nn.Linear(7, 2))')}:model")
    assert source is not None
    assert capture(source).graph.input_shape == (7,)


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("import nothing_at_all", "Net", "mymodel.py:3: ModuleNotFoundError"),
        ("def f(:", "f", "mymodel.py:3: SyntaxError"),
        ("class Net(nn.Module): pass", "Nett", "has no Nett. It has Net"),
        ("number = 3", "number", "is neither a model nor builds one"),
        ("def make(): return 3", "make", "gave int, not a torch.nn.Module"),
        (
            "def make():\n    raise ValueError('no <b>such</b>\\nthing')",
            "make",
            "mymodel.py:4: ValueError: no <b>such</b> thing",
        ),
        ("import sys\ndef make(): sys.exit(3)", "make", "called sys.exit(3)"),
        ("import os, signal\ndef make(): os.kill(os.getpid(), signal.SIGSEGV)", "make", "ended by SIGSEGV"),
        ("import os\ndef make(): os._exit(7)", "make", "ended with status 7"),
    ],
)
def test_whatever_is_wrong_with_the_code_is_one_line(tmp_path: Path, code: str, name: str, says: str) -> None:
    assert says in problem_of(f"{written(tmp_path, code)}:{name}")


def test_what_never_ends_is_ended_and_its_own_processes_too(tmp_path: Path) -> None:
    code = f"""
import subprocess, time
def make():
    child = subprocess.Popen(["{sys.executable}", "-c", "import time; time.sleep(60)"])
    open(r"{tmp_path / "pid"}", "w").write(str(child.pid))
    time.sleep(60)
"""
    assert "did not end within 8 s" in problem_of(f"{written(tmp_path, code)}:make", time_limit=8)
    import psutil

    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_what_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    code = "import time\ndef make():\n    kept = [bytearray(10**8) for _ in range(20)]\n    time.sleep(60)"
    assert "needs more than 1.2 GB of memory" in problem_of(
        f"{written(tmp_path, code)}:make", memory_limit=1_200_000_000
    )


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    source = parse_source(f"{written(tmp_path, 'import time; time.sleep(60)')}:Net")
    assert source is not None
    began = time.monotonic()
    with pytest.raises(CaptureCancelled):
        capture(source, cancelled=lambda: time.monotonic() - began > 1)
    assert time.monotonic() - began < 20


def test_a_library_that_is_not_installed_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "timm.py").write_text("raise ImportError('none here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert problem_of("timm:resnet50") == "timm is not installed. Install it with: pip install timm"


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    assert problem_of("torchvision:resnet51").startswith("torchvision has no model resnet51. Did you mean resnet5")


def repository(folder: Path, *contents: str) -> None:
    """A repository of git in which a neighbour of the model has had each of these contents."""

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    (folder / "nets").mkdir()
    (folder / "nets" / "mymodel.py").write_text(
        HEAD + "from neighbour import WIDTH\nmodel = nn.Sequential(nn.Linear(7, WIDTH))\n"
    )
    for content in contents:
        (folder / "nets" / "neighbour.py").write_text(content)
        git("add", ".")
        git("commit", "-qm", "change")


def test_a_file_at_a_revision_is_what_it_was_with_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(tmp_path, "WIDTH = 2", "WIDTH = 5")
    monkeypatch.chdir(tmp_path / "nets")
    found = {}
    for text in ("HEAD~1:mymodel.py:model", "mymodel.py:model"):
        source = parse_source(text)
        assert source is not None
        assert source.text == text
        net = capture(source)
        found[net.origin] = count(net.graph).parameters
    assert found == {"HEAD~1:mymodel.py:model": 7 * 2 + 2, "mymodel.py:model": 7 * 5 + 5}
    done = resviz("show", "HEAD~1:mymodel.py:model", "--cross-check", "--json", check=True)
    assert all(check["agrees"] for check in json.loads(done.stdout)["cross_check"] if check["counter"] == "torch")


def test_a_revision_that_there_is_not_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path, "WIDTH = 2")
    monkeypatch.chdir(tmp_path)
    assert problem_of("HEAD~7:nets/mymodel.py:model").startswith("There is no revision HEAD~7 (git: fatal: ")
    assert problem_of("HEAD:mymodel.py:model") == "There is no file mymodel.py in HEAD."
    assert problem_of("HEAD:/nowhere/mymodel.py:model").startswith("git: fatal: not a git repository")
    assert problem_of("HEAD:nets/mymodel.py:modell") == "HEAD:nets/mymodel.py has no modell. It has no model."
    with pytest.raises(UsageError, match="Say what builds the model: HEAD:nets/mymodel.py:NAME"):
        parse_source("HEAD:nets/mymodel.py")
    monkeypatch.setenv("PATH", "")
    assert problem_of("HEAD:nets/mymodel.py:model").startswith("git is not installed")
