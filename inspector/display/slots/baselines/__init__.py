"""What the colours of an image alone score, beside the scores of its masks; it takes longer than the sample."""
