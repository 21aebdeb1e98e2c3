"""The colours of the images that a network was given."""
