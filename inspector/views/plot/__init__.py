"""Curves over axes, painted: what is seen, how it is cut to pixels, and what stands at its edges."""
