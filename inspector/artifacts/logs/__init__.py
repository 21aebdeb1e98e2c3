"""Logs of numbers and text, as series and lines."""
