"""Slots: which slot wins which pixel, how the slots differ, and how well they match the objects."""
