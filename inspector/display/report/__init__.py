"""A run as a page to hand on: what the triage view says, its curves, samples, settings and versions, as one file."""
