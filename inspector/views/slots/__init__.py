"""Slots on the screen: the composite, a tile a slot, the cosines, the figures and the gallery of samples."""
