"""COMPARE: saved runs, any number of them overlaid."""
