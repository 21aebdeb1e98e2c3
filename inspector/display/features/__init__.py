"""Features: how many activations of each layer and channel are zero, and which channels never fire."""
