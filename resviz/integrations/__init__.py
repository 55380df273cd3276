"""Thin callbacks for trainers of other libraries. Nothing here is imported at start, and none of them is needed."""
