"""Running a graph: torch lives here. No Qt, no threads, no files of its own.

`recipe` and `quantities` say what is run and what is measured; they load no torch, so that a window can show them.
"""
