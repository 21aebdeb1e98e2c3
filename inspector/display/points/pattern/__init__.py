"""What is systematically wrong with the points of a dump, beside its samples."""
