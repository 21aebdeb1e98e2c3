"""Draws the run in ten seconds: verdict, key numbers, findings with their evidence, what could not be looked at."""
