"""Planted runs, each with the findings that it must give: a function of a seed, nothing is trained."""
