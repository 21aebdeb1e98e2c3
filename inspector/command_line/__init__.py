"""The commands of the command line: what each is told, and which room does its work."""
