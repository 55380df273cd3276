"""Models of other programs in the window: asked for, captured in a process of their own, and shown."""
