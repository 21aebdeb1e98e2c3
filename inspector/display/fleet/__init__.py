"""A folder of many runs as a table."""
