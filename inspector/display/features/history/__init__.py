"""A layer over the dumps of a run: its sparsity, when channels died, and the learning rate then."""
