"""A loss and its terms: not finite, overfitted, of a wrong sign."""
