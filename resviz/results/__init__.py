"""Saved runs with their nets' sizes: summaries, columns, final tables and reports. No torch, no Qt."""
