"""`python -m resviz`: the same as the `resviz` command."""

from resviz.cli import main

if __name__ == "__main__":
    main()
