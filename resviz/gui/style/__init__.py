"""Colours, fonts, line styles and the small widgets that every page uses."""
