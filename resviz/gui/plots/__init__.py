"""Pictures of what was measured, and the panels that show them: what TRAIN and COMPARE are made of."""
