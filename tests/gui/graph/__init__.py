"""Pictures of nets."""
