"""Tables in terminals of any width: a column is whole or it is left out by name, and no number loses a digit."""

import sys

import pytest

from resviz.cli.arguments import print_table

HEADS = ("layer", "what", "output", "params", "FLOPs")
ROWS = [
    ("conv1", "7×7 conv, 64, /2", "64×112×112", "9 408", "118 013 952"),
    ("layer1.0.conv2", "3×3 conv, 64", "64×56×56", "36 864", "115 605 504"),
]
LONG = "module.encoder.layers.11.attention.output.projection"


@pytest.mark.parametrize("width", [28, 40, 60, 80, 120])
@pytest.mark.parametrize("name", ["conv1", LONG])
def test_no_number_is_cut(
    width: int, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(HEADS, [(name, *ROWS[0][1:]), *ROWS], (3, 4), title="a net", less=(1, 2, 3))
    table, _colon, left_out = capsys.readouterr().out.partition("Left out, because the terminal is narrow: ")
    for place, head in list(enumerate(HEADS))[1:]:  # the first one is folded
        named = head in left_out.partition(".")[0].split(", ")
        whole = all(row[place] in table for row in ROWS)
        assert named != whole, f"{head} at {width}"
    if name == LONG:
        words = table.replace(" ", "").replace("\n", "")
        assert LONG[:10] in words


def test_a_file_gets_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADS, ROWS, (3, 4))
    table = capsys.readouterr().out
    assert all(cell in table for row in ROWS for cell in row)
