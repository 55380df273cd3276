"""What the window can do: one table of actions, and the actions as Qt has them."""
