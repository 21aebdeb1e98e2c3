"""The recipe `counting`: images with marked objects, model, losses, measures and what is dumped of it."""
