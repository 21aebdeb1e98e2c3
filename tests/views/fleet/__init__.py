"""Tests of the widget of the same name."""
