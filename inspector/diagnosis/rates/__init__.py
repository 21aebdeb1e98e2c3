"""Learning rates: what was planned, what was used, and who wrote over it."""
