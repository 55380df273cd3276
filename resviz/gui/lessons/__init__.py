"""Small sums of lectures, each with its own picture."""
