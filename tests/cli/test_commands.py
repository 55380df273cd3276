"""The command line: documents with the promised keys, and for bad input one line and exit status 2."""

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from resviz.cli import app
from resviz.runs.folder import RunFolder
from resviz.training.data.published_weights import find_published, weights_folder
from tests.helpers.command_line import resviz


def test_show_json_has_the_promised_keys_and_numbers() -> None:
    done = resviz("show", "resnet50", "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert (document["name"], document["input"], document["classes"]) == ("resnet50", [3, 224, 224], 1000)
    assert (document["weight_layers"], document["params"], document["flops"]) == (50, 25_557_032, 3_857_973_248)
    assert sum(layer["flops"] for layer in document["layers"]) == document["flops"]
    promised = {name: document["layers"][1][name] for name in ("name", "kind", "inputs", "output", "params", "flops")}
    assert promised == {
        "name": "conv1",
        "kind": "conv",
        "inputs": ["input"],
        "output": [64, 112, 112],
        "params": 9408,
        "flops": 118_013_952,
    }


def test_options_change_the_net() -> None:
    options = "--shortcut C --stride-in 3x3 --norm none --activation prelu --input 3x64x64 --classes 10".split()
    document = json.loads(resviz("show", "resnet50", *options, "--json").stdout)
    kinds = {layer["kind"] for layer in document["layers"]}
    assert "batch norm" not in kinds
    assert "prelu" in kinds
    assert (document["input"], document["classes"], document["layers"][-1]["output"]) == ([3, 64, 64], 10, [10])
    assert sum("downsample" in layer["name"] for layer in document["layers"]) == 16


def test_a_spec_file_stands_in_place_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('stages = ["[3x3,8; 3x3,8] x2"]\ninput = "3x32x32"\nclasses = 10\n')
    document = json.loads(resviz("show", str(tmp_path / "mine.toml"), "--json").stdout)
    assert (document["name"], document["weight_layers"]) == ("mine", 5)


def test_show_prints_the_layers_the_totals_and_the_papers_figure() -> None:
    printed = resviz("show", "resnet34").stdout
    assert "layer4.2.conv2" in printed
    assert "21 623 848 parameters" in printed
    assert "table 1 prints 3.6 G FLOPs. The computed number agrees" in printed
    assert "multiply-adds of convolutions" in printed
    assert "prints 15.3 G FLOPs of its convolutions alone. The computed number agrees" in resviz("show", "vgg16").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("show resnet51", "The net 'resnet51' is not known. Did you mean resnet50"),
        ("show cifar-resnet21", "not 6n+2. Use 20 or 26"),
        ("show vgg16 --input 3x8x8", "smallest input for this net is 3×32×32"),
        ("show resnet18 --input 8x8", "channels x height x width"),
        ("show resnet18 --classes 0", "classes must be at least 1, not 0"),
        ("show resnet18 --shortcut E", "'A', 'B', 'C'"),
        ("show missing.toml", "missing.toml: No such file"),
        ("show wrong.toml", "wrong.toml: the key 'strid_in' is not known. Did you mean 'stride_in'?"),
        ("show cell.toml", "cell.toml: stages, entry 1: '3x4'"),
        ("show binary.toml", "binary.toml is not a text file"),
        ("show ./", ""),
        ("show " + 300 * "a", "is not known"),
        ("show number.toml", "number.toml: input: 224 is not an input shape"),
        ("show /dev/zero", "larger than"),
        ("train resnet18 --data digits16 --batch 1 --steps 1", "Use 2 or more"),
        ("train cifar-resnet20 --device meta --steps 1", "Use cpu"),
        ("show", "NET"),
        ("frobnicate", "frobnicate"),
        ("show resnet18 --frob", "--frob"),
        ("train cifar-resnet20 --steps 0", "--steps must be at least 1, not 0"),
        ("train cifar-resnet20 --learning-rate nan", "--learning-rate must be "),
        ("train cifar-resnet20 --steps 3 --batch 99999", "--batch must be at most 65536, not 99999"),
        ("train cifar-resnet20 --batch 5000 --steps 1", "batch: 5000 is larger than the 1500 training images"),
        ("train vgg16 --data digits16", "smallest input for this net is 1×32×32"),
        ("train cifar-resnet20 --data imagenet", "imagenet"),
        ("train cifar-resnet20 --data mnist --data-folder nowhere", "fetch it with `resviz data mnist`"),
        ("train cifar-resnet20 --data images --data-folder nowhere", "Expected train/CLASS/*.png"),
        ("train cifar-resnet20 --milestones 9,3", "each larger than the one before"),
        ("train cifar-resnet20 --milestones often", "steps separated by commas"),
        ("train cifar-resnet20 --optimizer nesterov --momentum 0", "needs a momentum above 0"),
        ("data imagenet", "is not known"),
        ("data digits", "nothing to fetch"),
        ("train cifar-resnet20 --device abacus --steps 1", "Device 'abacus' is not available. Use cpu"),
        ("train cifar-resnet20 --steps 1 --out file/below", "Choose another folder with --out or RESVIZ_RUNS"),
        ("train a b c d e", "up to 4"),
        ("sweep --depth 20 --cluster slurm --parameter often", "often is not valid"),
        ("sweep --depth 20 --cluster moon", "moon is not valid"),
        ("sweep --depth 20 --parameter timeout_min=3", "--parameter is not valid"),
        ("weights resnet1", "publishes no weights of this name"),
    ],
)
def test_bad_input_gets_one_line_and_exit_status_2(tmp_path: Path, arguments: str, says: str) -> None:
    (tmp_path / "wrong.toml").write_text('stages = ["3x3,8"]\nstrid_in = "3x3"\n')
    (tmp_path / "cell.toml").write_text('stages = ["[3x4; 3x3,8] x2"]\n')
    (tmp_path / "binary.toml").write_bytes(bytes(range(128, 256)))
    (tmp_path / "number.toml").write_text('stages = ["3x3,8"]\ninput = 224\n')
    (tmp_path / "file").write_text("")
    done = resviz(*arguments.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("resviz: ")
    assert says in lines[0]


def test_train_json_is_one_document_and_its_runs_are_there(tmp_path: Path) -> None:
    arguments = "train cifar-plain20 cifar-resnet20 --data digits16 --steps 4 --batch 16 --seed 5 --json --out".split()
    done = resviz(*arguments, str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    ((key, runs),) = json.loads(done.stdout).items()
    assert key == "runs"
    assert [run["net"] for run in runs] == ["cifar-plain20", "cifar-resnet20"]
    for run in runs:
        assert list(run) == ["id", "net", "path", "steps", "loss", "error", "steps_per_second", "diagnosis"]
        assert run["diagnosis"].startswith("The gradient ")
        assert run["steps"] == 4
        read = RunFolder(Path(run["path"]))
        assert (read.info.id, read.info.seed, read.info.state) == (run["id"], 5, "finished")
        assert len(read.rows()["step"]) == 4


def test_train_says_how_it_went(tmp_path: Path) -> None:
    done = resviz(*"train cifar-resnet20 --data digits16 --steps 2 --batch 16 --out".split(), str(tmp_path))
    assert done.returncode == 0
    printed = re.search(r"cifar-resnet20: 2 steps, batch loss ([\d.]+), held-out error ([\d.]+)%", done.stdout)
    assert printed, done.stdout
    (run,) = map(RunFolder, tmp_path.iterdir())
    assert run.info.loss == pytest.approx(float(printed[1]), rel=1e-3)
    assert run.info.error == pytest.approx(float(printed[2]) / 100, abs=1e-3)
    assert "stopped" not in done.stderr, "it has come to its end"
    assert "ResNet-20" in done.stderr


def test_show_loads_no_torch_and_no_qt_and_planning_a_sweep_no_torch() -> None:
    program = (
        "import sys; sys.argv = ['resviz', 'show', 'resnet18']\n"
        "from resviz.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'PySide6', 'pyqtgraph', 'pyarrow'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "import resviz.experiments.sweep, resviz.experiments.launchers, resviz.experiments.threads\n"
        "assert 'torch' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_name_is_text_whatever_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('name = "[/foo][red]x"\ninput = "1x8x8"\nstages = ["3x3,8"]\n')
    done = resviz("show", str(tmp_path / "x.toml"))
    assert done.returncode == 0, done.stderr
    assert "[/foo][red]x" in done.stdout


def test_a_terminal_without_the_signs_still_gets_the_numbers() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "resviz", "show", "resnet18"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "11 515 688 parameters" in done.stdout


def test_memory_is_printed_where_a_batch_is_given() -> None:
    command = ("show", "resnet50", "--batch", "256")
    text = resviz(*command, check=True).stdout
    assert "training, 256 images, float32: 21." in text
    assert "optimizer 102.23 MB" in text
    done = resviz(*command, "--optimizer", "adam", "--json", check=True)
    memory = json.loads(done.stdout)["memory"]
    tensors = 161  # each has a counter of steps
    assert memory["training"]["optimizer"] == 2 * memory["training"]["parameters"] + 4 * tensors
    assert memory["inference"]["gradients"] == 0


@pytest.mark.parametrize(("shell", "typed"), [("bash", "COMP_WORDS"), ("zsh", "_TYPER_COMPLETE_ARGS")])
def test_a_shell_completes_nets_and_runs(tmp_path: Path, shell: str, typed: str) -> None:
    (tmp_path / "20990101-000000-abcdef").mkdir()
    (tmp_path / "20990101-000000-abcdef" / "run.json").write_text("{}")

    def completed(words: str) -> str:
        environment = os.environ | {
            "_RESVIZ_COMPLETE": f"complete_{shell}",
            typed: words,
            "COMP_CWORD": "2",
            "RESVIZ_RUNS": str(tmp_path),
        }
        command = [str(Path(sys.executable).parent / "resviz")]  # by its name: that is what shells complete
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60).stdout

    assert "googlenet-aux" in completed("resviz show googl")
    assert "20990101-000000-abcdef" in completed("resviz resume 2099")


def test_every_command_has_json() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert "as_json" in inspect.signature(command.callback).parameters, command.callback.__name__


def test_weights_that_are_kept_are_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    published = find_published("resnet18")
    asked: list[str] = []
    command = sys.modules["resviz.cli.weights"]  # the package has a function of this name
    monkeypatch.setattr(command, "fetch_with_progress", lambda name, *rest, **named: asked.append(name))
    done = resviz("weights", "resnet18")
    assert asked == [published.name]
    assert done.returncode == 2, "nothing came"
    folder = weights_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{published.name}.safetensors").write_bytes(b"")
    done = resviz("weights", "resnet18")
    assert asked == [published.name]
    assert f"resviz train torchvision-resnet18 --weights {published.name}" in done.stdout
