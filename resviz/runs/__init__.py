"""Runs on disk: written as they go, readable after a kill. No torch, no Qt."""
