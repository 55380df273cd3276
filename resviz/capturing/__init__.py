"""Other people's models as a Graph: an eager model is run once and every call of it recorded.

Nothing here is imported with torch but by the modules that record; a model's own code runs in a process of its own.
"""
