"""Qt: one package per viewer draws its scene."""
