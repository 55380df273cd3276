"""What can be opened is offered by name: a library is asked once for each version, and no code of a file is run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from resviz.capturing import model_names
from resviz.capturing.model_names import callables_of, library_names


def test_a_library_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = library_names("torchvision")
    assert {"torchvision:resnet50", "torchvision:vit_h_14"} <= set(names)
    monkeypatch.setattr(model_names, "_ask", lambda *_: pytest.fail("it was asked again"))
    assert library_names("torchvision") == names


def test_a_library_that_is_not_there_or_does_not_work_has_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_names.LISTED, "torchvision", "raise ImportError")
    assert library_names("torchvision") == ()
    monkeypatch.setattr(model_names, "installed_version", lambda _package: "")
    assert library_names("timm") == ()


def test_asking_ends_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_names.LISTED, "torchvision", "import time; time.sleep(50)")
    began = time.monotonic()
    assert library_names("torchvision", lambda: False) == ()
    assert time.monotonic() - began < 10


def test_a_python_file_is_read_and_not_run(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(
        "raise SystemExit\nclass A(nn.Module): ...\nclass B(torch.nn.Module): ...\nclass C: ...\n"
        "def make(): ...\ndef _own(): ...\n",
        encoding="utf-8",
    )
    assert [name.rpartition(":")[2] for name in callables_of(path)] == ["B", "A", "C", "make"]


@pytest.mark.parametrize("content", [b"class (", b"\xff\xfe\x00", b"x = " + b"(" * 5000, b"# coding: nothing\n"])
def test_a_file_that_can_not_be_read_offers_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(content)
    assert callables_of(path) == ()
    assert callables_of(tmp_path / "gone.py") == ()
