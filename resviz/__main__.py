"""The programs `resviz` and `resvizw`; `python -m resviz` is the first. They load only what they need."""

import gc
import os
import sys


def main() -> None:
    """Open the window if the command line has no arguments, and run a sub-command otherwise."""
    if len(sys.argv) == 1 and "_RESVIZ_COMPLETE" not in os.environ:  # a shell that completes a command line
        window()
    from resviz.cli import main

    main()


def window() -> None:
    """Open the window, and exit when it is closed."""
    # What a start makes is there to stay. Collections would look through it again and again; `run` enables them.
    gc.disable()
    # Nobody has plugins for the files that the window reads, and to look for some takes as long as to build five nets.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from resviz.gui.app import run

    raise SystemExit(run())


if __name__ == "__main__":
    main()
