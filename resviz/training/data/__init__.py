"""The images that nets are trained on: which there are, where their files are found, and the batches of a run."""
