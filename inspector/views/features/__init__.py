"""Features on the screen: the layers, a tile a channel, and the sparsity of all channels as bars."""
