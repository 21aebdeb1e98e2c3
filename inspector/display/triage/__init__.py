"""The run in ten seconds: what is wrong, the numbers that matter, the evidence and the cures."""
