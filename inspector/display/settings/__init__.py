"""The settings as a form: what the run used, what is staged."""
