"""Fuzzing the readers of files that come from strangers. What it found is kept in tests/runs/test_strangers.py."""
