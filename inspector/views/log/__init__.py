"""The widget of the viewer `log`."""
