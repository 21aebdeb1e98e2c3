"""Learning-rate curves: what a recipe plans, what a scheduler plans, and the trace of a second writer."""
