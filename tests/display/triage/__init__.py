"""Tests of the viewer of the same name."""
