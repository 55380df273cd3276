"""COMPARE: saved runs, two of them overlaid."""
