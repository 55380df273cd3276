"""The damage tests at full size, and hours of use: `python -m tests.soak`."""
