"""Gradient norms, update ratios and clipping, from the log."""
