"""Pure functions on arrays: sparsity, slots, point errors, smoothing, schedules."""
