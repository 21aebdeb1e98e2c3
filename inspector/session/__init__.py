"""What is open, chosen and staged, as a value; intents; save and restore."""
