"""The recipe `slots`: scenes, model, losses, measures and what is dumped of it."""
