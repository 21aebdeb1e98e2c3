"""Zip and tar archives, read strictly and written plainly."""
