"""The curve, checkpoints and dumps along the foot of the window."""
