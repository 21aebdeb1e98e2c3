"""Run Inspector: what a training run did, what went wrong, what to change."""

__version__ = "0.1.0"
