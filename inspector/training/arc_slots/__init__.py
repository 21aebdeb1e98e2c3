"""The recipe `arc_slots`: an autoencoder whose slots share the cells of an ARC grid."""
