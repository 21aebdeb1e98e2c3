"""One channel looked at closely: its maps over samples, its weights, its normalisation, and why it may be silent."""
