"""What a checkpoint alone tells: gradients, sparsity, health, readiness to resume."""
