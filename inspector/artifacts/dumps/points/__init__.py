"""The points of a dump: read, placed in pixels of the original images, paired, and told as numbers of each sample."""
