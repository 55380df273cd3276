"""What a network is: one immutable Graph, built from a depth table. Pure Python: no torch, no Qt, no files."""
