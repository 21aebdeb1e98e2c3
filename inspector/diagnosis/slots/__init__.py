"""Slots: their masks, their likeness, what they compete for."""
