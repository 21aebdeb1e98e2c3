"""The table of many runs."""
