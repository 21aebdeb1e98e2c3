"""ARC grids: files that hold them, puzzles made by rules, augmentation, and what trivial answers score."""
