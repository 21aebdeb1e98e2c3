"""What the optimizer and the scheduler know: gradient flow, learning rate, readiness to resume, predicted sparsity."""
