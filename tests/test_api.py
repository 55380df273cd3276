"""`import resviz`: graphs of any model and what they cost, loaded when they are asked for."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import resviz
from resviz.base.errors import NetError
from tests.helpers import strangers

DOCS = Path(__file__).parents[1] / "docs"


def test_importing_it_loads_no_torch() -> None:
    code = "import resviz, sys; print(resviz.count('resnet50').flops, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "3857973248 False"


def test_a_model_is_counted_by_tensors_or_by_a_shape() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    assert resviz.count(model, (3, 8, 8)) == resviz.count(model, torch.rand(1, 3, 8, 8))
    assert resviz.count(model, (3, 8, 8)).flops == 27 * 4 * 36
    assert resviz.count(model).parameters == 27 * 4 + 4, "without an input, one that the first layer takes"


def test_a_net_of_the_catalogue_is_counted_at_the_input_that_is_given() -> None:
    assert resviz.count("resnet18", (3, 112, 112)).flops < resviz.count("resnet18").flops / 3
    assert (
        resviz.count("resnet50", shortcut="C").parameters
        == resviz.count(resviz.build("resnet50", shortcut="C")).parameters
    )


def test_keyword_arguments_are_passed_on() -> None:
    graph = resviz.capture(strangers.GivesADataclass(), {"x": torch.rand(1, 5)}, scale=(8,))
    assert graph.output.name == "last"


def test_parameters_that_are_not_used_are_warned_of() -> None:
    with pytest.warns(resviz.UnusedParameters, match="12 parameters were not used: never.weight"):
        resviz.capture(strangers.SharesAndRepeats(), torch.zeros(1, 7, dtype=torch.int64))


def test_a_model_that_raises_says_in_which_line() -> None:
    with pytest.raises(NetError, match=r"strangers\.py:\d+: RuntimeError: mat1 and mat2"):
        resviz.capture(strangers.Raises(), (4,))


def test_a_name_is_captured_in_a_process_of_its_own() -> None:
    assert resviz.count("torchvision:resnet18", (3, 64, 64)).parameters == 11_689_512
    with pytest.raises(NetError, match="is not the name of a model"):
        resviz.capture("nothing")
    with pytest.raises(NetError):
        resviz.count("resnet51x")


@pytest.mark.slow
def test_a_window_opens_on_a_live_model_and_the_caller_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    window = resviz.explore(model, (3, 8, 8))
    assert repr(window) == "<Explorer: open>"
    with pytest.raises(subprocess.TimeoutExpired):
        window.process.wait(5)  # it stays until it is closed
    window.close()
    assert repr(window) == "<Explorer: closed>"


def test_what_the_window_gets_is_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Started:
        def __init__(self, command: list[str], **_: object) -> None:
            started.append(command)

    monkeypatch.setattr(subprocess, "Popen", Started)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    resviz.explore(model, (3, 8, 8))
    resviz.explore(strangers.Raises(), (4,))
    assert started[0][:3] == [sys.executable, "-m", "resviz"]
    assert resviz.count(resviz.capture(started[0][3])) == resviz.count(model, (3, 8, 8))
    with pytest.raises(NetError, match="mat1 and mat2"):
        resviz.capture(started[1][3])


def test_what_is_not_offered_is_no_attribute() -> None:
    assert {"build", "capture", "count", "explore"} <= set(dir(resviz))
    with pytest.raises(AttributeError):
        resviz.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_graph_in_a_notebook_has_its_totals_and_a_tree_without_scripts() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.ReLU(), nn.Sequential(nn.Conv2d(4, 5, 1))))
    html = resviz.capture(model, (3, 8, 8))._repr_html_()
    assert html.count("<details") == html.count("</details>") == 2
    assert html.count("<svg") == html.count("</svg>") == 1
    assert "137 parameters" in html
    assert "script" not in html
    assert "1×1 conv, 5" in html
    named = resviz.build("resnet18")
    hostile = type(named)("<script>alert(1)</script>", named.layers)
    assert "<script>" not in hostile._repr_html_()


def test_the_example_of_the_docs_runs() -> None:
    code = re.findall(r"```python\n(.*?)```", (DOCS / "api.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == [
        str(27 * 8 * 900 + 72000),
        "25557032",
        "40128552",
        "4",
    ]


def test_the_example_of_weights_for_a_depth_table_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "any-model.md").read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert '"[3x3,256; 3x3,256] x2"' in done.stdout
    assert done.stdout.splitlines()[-1] == "layer1.0.conv1"
