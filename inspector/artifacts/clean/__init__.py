"""A checkpoint written anew as tensors and plain values alone."""
