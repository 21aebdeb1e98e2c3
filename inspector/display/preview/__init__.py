"""What a resume would do: the learning rate that was, that would have been, and that will be."""
