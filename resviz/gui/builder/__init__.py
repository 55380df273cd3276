"""BUILD: the depth table, the graph and the layers of a net, one selection in all three."""
