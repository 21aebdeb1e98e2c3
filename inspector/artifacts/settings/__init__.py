"""Settings that runs leave beside their other files."""
