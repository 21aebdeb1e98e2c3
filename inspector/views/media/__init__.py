"""Draws what a log holds beside its curves."""
