"""Two checkpoints over each other: which samples another dump has fixed, broken or left the same."""
