"""Modules of the recipe `counting` that its settings, its presets and its trainer call by name."""

from __future__ import annotations

HEADS = ("x_head", "y_head", "done_head")
"""What answers; each is a module and an optimizer group."""

EXTRAS = ("memory", "foveation", "cross_attention")
"""Modules that are switched on one at a time."""
