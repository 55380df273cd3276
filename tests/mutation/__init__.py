"""Whether the tests notice a change: `python -m tests.mutation` changes one thing at a time at random, and runs them."""
