"""Points: where the objects are, where the model says they are, and how far apart that is."""
