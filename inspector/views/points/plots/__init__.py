"""Plots of points on the screen; a range that is brushed in one keeps the samples of the gallery that lie in it."""
