"""Checks too long for CI: `python -m tests.long NAME [--minutes N]`, resumable, with figures in `results/`."""
