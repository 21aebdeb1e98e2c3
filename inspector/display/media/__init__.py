"""Pictures, histograms, texts and settings that a log holds beside its curves."""
