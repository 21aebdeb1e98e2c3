"""Tests of the table of many runs."""
