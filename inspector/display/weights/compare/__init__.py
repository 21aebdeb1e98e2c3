"""Two checkpoints side by side: what came, what went, what moved and by how much."""
