"""The widget of curves."""
