"""The programs `resviz` and `resvizw`; `python -m resviz` is the first. They load only what they need."""

import gc
import os
import sys


def main() -> None:
    """Open the window if the command line has nothing but files, and run a sub-command otherwise."""
    completes = "_RESVIZ_COMPLETE" in os.environ  # a shell that completes a command line
    if not completes and all(_is_path(argument) for argument in sys.argv[1:]):
        missing = [argument for argument in sys.argv[1:] if not os.path.exists(argument)]
        if missing:
            from resviz.base.translation import _

            text = _("resviz: {path}: there is no such file. `resviz --help` lists the commands.")
            sys.stderr.write(text.format(path=missing[0]) + "\n")
            raise SystemExit(2)
        window()
    from resviz.cli import main

    main()


def _is_path(argument: str) -> bool:
    """Return whether an argument is a file or folder to open: as a path, it is never taken for a sub-command."""
    return ("." in argument or "/" in argument or os.sep in argument) and not argument.startswith("-")


def window() -> None:
    """Open the window, and exit when it is closed."""
    # What a start makes is there to stay. Collections would look through it again and again; `run` enables them.
    gc.disable()
    # Nobody has plugins for the files that the window reads, and to look for some takes as long as to build five nets.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # PySide reads the source of each module that is imported after it. Those that know no Qt are imported before it.
    import psygnal  # noqa: F401

    from resviz.analysis import counterparts, differences, explanation, layer_table, memory  # noqa: F401
    from resviz.gui.app import run
    from resviz.nets import spec_files  # noqa: F401
    from resviz.results import run_summary  # noqa: F401

    raise SystemExit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
