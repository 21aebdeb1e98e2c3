"""Curves: every series of every log, in panels over one x axis, with the planned learning rate."""
