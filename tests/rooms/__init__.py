"""Tests of the contracts between the rooms."""
