"""`python -m tests.helpers.json_page` writes docs/json.md anew."""

from pathlib import Path

from resviz.cli.json_documents import json_page

if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "json.md").write_text(json_page(), encoding="utf-8")
