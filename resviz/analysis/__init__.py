"""Numbers about a graph: what it costs, and what the papers say it costs. No Qt; no torch but in `crosscheck.py`."""
