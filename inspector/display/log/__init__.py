"""The console text, a window of lines at a time."""
