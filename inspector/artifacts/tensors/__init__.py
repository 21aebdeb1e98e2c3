"""Where a tensor's elements are, the elements, and their statistics."""
