"""What this program itself writes: run folder, settings, metric record, dump layout; messages."""
