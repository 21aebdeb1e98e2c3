"""Checkpoints of every container: one module a container, one way to open them all."""
