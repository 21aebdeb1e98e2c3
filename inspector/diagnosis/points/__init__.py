"""What predicted points tell of a run: systematic misplacement, a silent done signal, a loss that forgives too much."""
