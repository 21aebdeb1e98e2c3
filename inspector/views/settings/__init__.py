"""The widget of the viewer `settings`."""
