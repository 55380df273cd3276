"""Helpers shared by tests: random nets, written runs, a played worker, clicks."""
