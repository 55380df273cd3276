"""Graphs in files: kept by people, and kept so that a model is not captured twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import resviz
from resviz.base.errors import NetError
from resviz.capturing import graph_files, process
from resviz.capturing.captured_net import CapturedNet, read_document, write_document
from resviz.capturing.graph_files import cache_folder, keep_graph, kept_graph, read_graph
from resviz.capturing.model_source import ModelSource, parse_source
from resviz.capturing.process import capture


def source(text: str, *inputs: str, args: str = "") -> ModelSource:
    found = parse_source(text, inputs, args)
    assert found is not None
    return found


def net() -> CapturedNet:
    return CapturedNet(resviz.build("resnet18"), "resnet18", "file")


def test_a_graph_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "net.graph.json"
    path.write_bytes(write_document(net()))
    read = capture(source(str(path)))
    assert read == net()


@pytest.mark.parametrize("name", ["googlenet", "highway-mlp10", "resnext50-32x4d"])
def test_nets_of_ours_are_read_as_they_were_written(name: str) -> None:
    graph = resviz.build(name)
    assert read_document(write_document(CapturedNet(graph, name, "file")), name).graph == graph


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "net.graph.json"),
        (b"{}", "name is missing"),
        (b"[1]", "net.graph.json"),
        (b'{"format": "other"}', "format"),
    ],
)
def test_what_is_no_graph_file_is_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "net.graph.json"
    path.write_bytes(content)
    with pytest.raises(NetError, match=says) as refused:
        read_graph(path)
    assert "\n" not in str(refused.value)
    with pytest.raises(NetError, match="could not be read"):
        read_graph(tmp_path / "gone.graph.json")


@given(st.data())
def test_a_changed_graph_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(write_document(CapturedNet(resviz.build("cifar-resnet20"), "net", "file")))
    for _number in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = read_document(bytes(content), "net")
    except NetError as error:
        assert "\n" not in str(error)
    else:
        resviz.count(read.graph)


def test_a_library_s_model_is_captured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = source("torchvision:resnet18", "3x64x64")
    first = capture(asked)
    monkeypatch.setattr(process, "_run", lambda *_: pytest.fail("it was captured again"))
    assert capture(asked) == first
    with pytest.raises(pytest.fail.Exception):
        capture(source("torchvision:resnet18", "3x32x32"))


def test_what_is_kept_depends_on_the_file_s_content_and_on_how_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"one")
    first = kept_graph(source(str(path)))
    assert kept_graph(source(str(path))) == first
    assert kept_graph(source(str(path), "3x8x8")) != first
    path.write_bytes(b"two")
    assert kept_graph(source(str(path))) != first
    assert kept_graph(source("timm:resnet18")) is None or kept_graph(source("timm:resnet18")) != first


def test_python_files_are_never_taken_from_before(tmp_path: Path) -> None:
    (tmp_path / "mymodel.py").write_text("", encoding="utf-8")
    assert kept_graph(source(f"{tmp_path / 'mymodel.py'}:Net")) is None


def test_a_damaged_kept_graph_is_captured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = source("torchvision:resnet18", "3x64x64")
    kept = kept_graph(asked)
    assert kept is not None
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"{")
    monkeypatch.setattr(process, "_run", lambda *_: net())
    assert capture(asked) == net()
    assert read_graph(kept).graph.name == net().graph.name


def test_the_oldest_kept_graphs_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_files, "_MOST_KEPT", 2)
    for depth in (20, 32, 44):
        keep_graph(CapturedNet(resviz.build(f"cifar-resnet{depth}"), "net", "file"))
    assert len(list(cache_folder().iterdir())) == 2


def test_a_cache_that_can_not_be_written_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("RESVIZ_CACHE", str(tmp_path / "file"))
    assert keep_graph(net()) is None
    with pytest.raises(NetError, match="Set RESVIZ_CACHE to another"):
        resviz.explore(net().graph)
