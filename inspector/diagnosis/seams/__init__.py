"""Where a run was resumed: what jumped there and why."""
