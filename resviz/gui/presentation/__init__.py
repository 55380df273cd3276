"""Presentation mode: one view and one sentence on the whole screen, readable from the last row."""
