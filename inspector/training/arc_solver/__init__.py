"""The recipe `arc_solver`: a transformer completes ARC grids from demonstrations."""
