"""The plain values and objects of a checkpoint, as a tree."""
