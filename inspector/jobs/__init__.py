"""Requests to reader processes, the trainer's supervisor; no Qt."""
