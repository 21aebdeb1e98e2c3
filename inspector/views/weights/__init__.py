"""The widget of weights."""
