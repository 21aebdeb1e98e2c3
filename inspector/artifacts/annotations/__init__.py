"""Files of annotated and of predicted points."""
