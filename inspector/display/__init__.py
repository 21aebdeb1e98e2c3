"""What to draw, as values: one package per viewer with its scene, judge and prepare; colours, legends, axis texts."""
