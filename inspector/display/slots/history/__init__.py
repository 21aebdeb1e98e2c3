"""One slot over the samples of its dump, and over the dumps of its run."""
