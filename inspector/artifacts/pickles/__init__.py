"""Pickles read by an inert machine, and lenses that tell what their nodes mean; nothing is imported or called."""
