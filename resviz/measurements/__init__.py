"""What is measured while a net trains: quantities, their axes, rows, and the history of a run. No torch, no Qt."""
