"""Channels of layers: sparse, dead, dormant."""
