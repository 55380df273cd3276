"""Threads and processes that work for the window: training, downloads, `resviz` commands."""
