"""Depth tables of the published nets, one file a family."""
