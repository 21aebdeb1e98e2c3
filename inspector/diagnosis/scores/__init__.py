"""Validation scores against their best and their baselines."""
