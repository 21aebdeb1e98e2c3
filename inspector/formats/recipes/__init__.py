"""The settings types of the recipes; they import no torch and serve the form, the command line and the trainer."""
