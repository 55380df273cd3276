"""Resviz: see what depth does to a convolutional network, and what a shortcut does about it."""

__version__ = "0.1.0"
