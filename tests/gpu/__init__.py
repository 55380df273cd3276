"""What needs a GPU: `python -m tests.gpu` checks it against the CPU, and prints one table."""
