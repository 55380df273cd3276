"""Nothing is written outside the place that was asked for, whatever is in a file or prepared in a folder."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resviz.base.atomic_files import unfinished_files, write_whole
from resviz.base.errors import DataError, RunError
from resviz.runs.folder import RunFolder
from resviz.runs.notes import write_notes
from resviz.runs.run_export import to_tensorboard
from resviz.training.data.download import fetch
from tests.helpers.file_server import data_info
from tests.helpers.written_runs import begin, change_json, some_rows

needs_links = pytest.mark.skipif(os.name == "nt", reason="links are for a privileged few there")
OUTSIDE = ("/tmp/somewhere", "../../..", "..", ".", "", "a/b", "a\\b", "C:", "a\0b", "\n", "x" * 81, "ünï/../x")


def ended(root: Path) -> Path:
    writer = begin(root)
    writer.append(some_rows(0, 3))
    writer.finish("finished")
    return writer.folder


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_id_that_is_no_plain_name_is_refused_in_one_short_line(tmp_path: Path, name: str) -> None:
    folder = ended(tmp_path)
    change_json(folder / "run.json", id=name)
    with pytest.raises(RunError) as refused:
        RunFolder(folder)
    assert "id" in str(refused.value)
    assert len(str(refused.value)) < 600
    assert "\n" not in str(refused.value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=100))
def test_whatever_an_id_says_an_export_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / "runs"
    folder = next(root.iterdir()) if root.exists() else ended(root)
    change_json(folder / "run.json", id=name)
    out = tmp_path / "out" / str(len(list(tmp_path.glob("out/*"))))
    try:
        to_tensorboard(RunFolder(folder), out)
    except RunError:
        pass
    else:
        assert [path.name for path in out.iterdir()] == [name]
    assert {path.name for path in tmp_path.iterdir()} <= {"runs", "out"}


@pytest.mark.parametrize("field", ["id", "device", "group", "created", "host"])
@pytest.mark.parametrize("text", ["a\0b", "x" * 10_000_000])
def test_texts_with_null_or_of_ten_megabytes_are_refused_in_one_short_line(
    tmp_path: Path, field: str, text: str
) -> None:
    folder = ended(tmp_path)
    change_json(folder / "run.json", **{field: text})
    with pytest.raises(RunError) as refused:
        RunFolder(folder)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("recipe", [{"a": {"b": 1}}, {"a": [[1]]}, {"x" * 5000: 1}, {str(n): n for n in range(201)}])
def test_a_recipe_holds_settings_and_nothing_else(tmp_path: Path, recipe: dict[str, object]) -> None:
    folder = ended(tmp_path)
    change_json(folder / "run.json", recipe=recipe)
    with pytest.raises(RunError):
        RunFolder(folder)


@needs_links
def test_no_link_that_somebody_prepared_is_followed_when_writing(tmp_path: Path) -> None:
    """All names that a process could have used for a new file, as far as they can be known before."""
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    folder = ended(tmp_path / "runs")
    for name in ("run.json", "about.json"):
        for guess in (f".{name}.{os.getpid()}.part", f".{name}.part", f"{name}.part", f".{name}.0.part"):
            (folder / guess).symlink_to(mine)
    write_notes(folder, title="theirs")
    write_whole(folder / "run.json", (folder / "run.json").read_bytes())
    assert mine.read_text() == "precious"
    (folder / "about.json").unlink()
    (folder / "about.json").symlink_to(mine)
    write_whole(folder / "about.json", b"{}")
    assert mine.read_text() == "precious", "the link itself was replaced"
    assert not (folder / "about.json").is_symlink()


def test_a_written_file_has_the_rights_of_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"1")
    (tmp_path / "b").write_bytes(b"1")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "b").stat().st_mode)
    assert unfinished_files(tmp_path / "a") == []


@needs_links
def test_a_download_is_not_continued_through_a_link(tmp_path: Path, url: str) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    folder = tmp_path / "data"
    folder.mkdir()
    info = data_info(url)
    (folder / f"{info.files[0].name}.part").symlink_to(mine)
    with pytest.raises(DataError, match="not a regular file"):
        fetch(info, folder, lambda *_: True)
    assert mine.read_text() == "precious"
