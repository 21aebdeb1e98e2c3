"""The weights of a run over its checkpoints: norm and change of each layer against step."""
