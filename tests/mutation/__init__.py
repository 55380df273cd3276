"""Whether the tests notice a change of one operator, number or condition: `python -m tests.mutation`."""
