"""The process in which a stranger's model is built and run: `python -m resviz.capturing RESULT`.

The source comes on standard input. The graph, or a line that says what went wrong, goes into the file RESULT: what the
model prints goes elsewhere.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.capturing.captured_net import write_document
from resviz.capturing.model_source import InputShape, ModelSource, parse_arguments

_MAX_REASON = 600


def main() -> None:
    """Capture the model that standard input describes."""
    result = Path(sys.argv[1])
    request = json.load(sys.stdin)
    source = ModelSource(
        request["kind"],
        request["name"],
        request["module"],
        tuple(InputShape(tuple(shape), kind) for shape, kind in request["inputs"]),
        parse_arguments(request["args"]),
        request["path"],
    )
    try:
        from resviz.capturing.building import capture_source

        content = write_document(capture_source(source))
    except ResvizError as error:
        content = json.dumps({"error": str(error)}).encode()
    except SystemExit as error:
        content = json.dumps({"error": _("The code called sys.exit({status}).").format(status=error.code)}).encode()
    except BaseException as error:  # whatever a stranger's code raises
        content = json.dumps({"error": _said(error)}).encode()
    result.write_bytes(content)


def _said(error: BaseException) -> str:
    """Return what a stranger's code raised, with the line of theirs where it did."""
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or '').name}:{error.lineno}: {type(error).__name__}: {error.msg}"[:_MAX_REASON]
    own = Path(__file__).parent
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_file() and own not in Path(frame.filename).parents
    ]
    theirs = [frame for frame in frames if "site-packages" not in frame.filename and "importlib" not in frame.filename]
    where = "".join(f"{Path(frame.filename).name}:{frame.lineno}: " for frame in (theirs or frames)[-1:])
    return where + f"{type(error).__name__}: {' '.join(str(error).split())}"[:_MAX_REASON]


if __name__ == "__main__":
    main()
