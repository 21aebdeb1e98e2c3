"""The gallery under every view of samples: which samples, in which order, and their thumbnails."""
