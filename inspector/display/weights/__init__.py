"""Weights: the tensors of a checkpoint as a tree, one of them with its histogram, and its plain values."""
