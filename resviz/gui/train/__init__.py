"""TRAIN: nets in lock-step, their gradients against depth, live."""
