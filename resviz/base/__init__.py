"""Helpers that every room may use: errors, number formats, atomic writes, bundled files. Imports no other room."""
