"""One tensor of a checkpoint: its statistics, its picture, its outputs, how it changed."""
