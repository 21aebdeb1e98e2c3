"""Values any room may use: outcomes, progress and cancel, errors, units, array shapes."""
