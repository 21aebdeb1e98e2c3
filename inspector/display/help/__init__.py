"""Pages of help: what each kind of finding is, with a drawn example, and what each metric measures."""
